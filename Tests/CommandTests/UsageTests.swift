import Corpora
import Foundation
import TestSupport
import Testing

@Suite struct UsageTests {
  @Test(arguments: [
    ("probe", "", Dataset.all.map { "--\($0.name)" }.joined(separator: ", ") + ", or --all"),
    ("probe", "--reversal --seeds 0", "--seeds"),
    ("probe", "--reversal --seeds many", "--seeds"),
    ("probe", "--family --size 0", "--size"),
    ("probe", "--reversal --size \(Int.max)", "--size"),
    ("probe", "--hierarchy --groups-per-prompt 0", "--groups-per-prompt"),
    ("probe", "--reversal --format html", "--format"),
    ("probe", "--reversal --keep-augmentations", "--output"),
    ("probe", "--reversal --keep-augmentations", "--keep-augmentations"),
    ("probe", "--reversal --epochs 0", "--epochs"),
    ("probe", "--reversal --sentences 0", "--sentences"),
    ("probe", "--reversal --temperature -1", "--temperature"),
    ("probe", "--reversal --min-p 1.5", "--min-p"),
    ("probe", "--reversal --orders 65", "--orders"),
    ("probe", "--reversal --tokens-per-fact 0", "--tokens-per-fact"),
    ("probe", "--reversal --replay 1", "--replay"),
    ("probe", "--reversal --workers 0", "--workers"),
    ("probe", "--reversal --lora-rank 0", "--lora-rank"),
    ("probe", "--reversal --answers 0", "--answers"),
    ("probe", "--reversal --augmentation talk", "--augmentation"),
    ("probe", "--reversal --augmentation continue --answers 3", "--augmentation chat"),
    ("probe", "--reversal --augmentation chat", "--documents"),
    ("probe", "--reversal --requests none.json", "--documents"),
    ("probe", "--reversal --doses 4,many", "\"many\""),
    ("probe", "--reversal --doses 0", "--doses"),
    ("probe", "--reversal --learning-rate nan", "--learning-rate"),
    ("probe", "--reversal --learning-rate 2", "--learning-rate"),
    ("probe", "--reversal --first-seed \(UInt64.max)", "--first-seed"),
    ("probe", "--reversal --arms all,mine", "no arm \"mine\""),
    ("train", "finetnue --documents facts.jsonl", "no command \"finetnue\""),
    ("probe", "--reversal --arms in-contxt", "in-contxt"),
    ("probe", "--reversal --arms ,", "--arms"), ("probe", "--reversal --seedz 3", "--seedz"),
    ("probe", "--reversal extra", "extra"),
    ("probe", "--reversal --lm-eval", "--output"),
    ("probe", "--documents d.jsonl", "--questions"),
    ("probe", "--questions q.jsonl", "--documents"),
    ("probe", "--documents d.jsonl --questions q.jsonl --family", "--family"),
    ("probe", "--documents d.jsonl --questions q.jsonl --size 3", "--size"),
    ("probe", "--documents", "--documents"), ("train", "--workers 0", "--workers"),
    ("train", "--until reversal=0.9", "--until"),
    ("train", "--until celebrities=", "--until"),
    ("train", "--workers 257", "--workers"), ("train", "--seed x", "--seed"),
    ("train", "--checkpoint-every 0", "--checkpoint-every"), ("train", "--keep 0", "--keep"),
    ("train", "--outptu runs/a", "--outptu"), ("train", "--output", "--output"),
    ("train", "--resume a --seed 3", "--seed"), ("train", "--resume a --output b", "--output"),
    ("train", "--resume a --recipe b", "--recipe"),
    ("train", "--resume a --print-recipe", "--print-recipe"),
    ("train", "--seed 3 finetune --documents a --model b", "--documents"),
    ("train finetune", "--model b", "--documents"), ("train finetune", "--documents a", "--model"),
    ("train finetune", "--documents a --model b --epochs 0", "--epochs"),
    ("train finetune", "--documents a --model b --epochs 20000", "--epochs"),
    ("train finetune", "--documents a --model b --batch-tokens 99999999", "--batch-tokens"),
    ("train finetune", "--documents a --model b --chunk-tokens 2000000", "--chunk-tokens"),
    ("train finetune", "--documents a --model b --keep 2000000", "--keep"),
    ("train finetune", "--documents a --model b --learning-rate nan", "--learning-rate"),
    ("train finetune", "--documents a --model b --learning-rate 2", "--learning-rate"),
    ("train finetune", "--documnts a --model b", "--documnts"),
    ("train finetune", "--documents a --model b --lora-alpha 3", "--lora-alpha"),
    ("train export", "--model a", "--gguf FILE or --output FOLDER"),
    ("train export", "--model a --gguf b --output c", "either"),
    ("train export", "--model a --output b --type f16", "--type needs --gguf"),
    ("train export", "--model a --gguf b --type q3_0", "q8_0"),
    ("train finetune", "--documents a --model b --lora-rank 0", "--lora-rank"),
    ("train finetune", "--documents a --model b --lora-rank 2 --lora-targets w_proj", "w_proj"),
    ("train finetune", "--documents a --model b --recipe c", "--recipe"),
    ("train tokenizer", "--documents a --output t --vocabulary-size 256", "--vocabulary-size"),
    ("train tokenizer", "--documents a --vocabulary-size 300", "--output"),
  ])
  func `wrong usage is reported with the option's name, and nothing is done`(
    name: String, arguments: String, option: String
  ) async throws {
    try await inTemporaryFolder { folder in
      let words = (name + " " + arguments).split(separator: " ").map(String.init)
      let result = try await Command(name: words[0], folder: folder).run(Array(words.dropFirst()))
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      let message = result.error.split(separator: "\n").first ?? ""
      #expect(message.hasPrefix("Error: "))
      #expect(message.contains(option), "\(message)")
      #expect(result.error.contains("See '\(words[0])") && result.error.contains(" --help'"))
      #expect(try paths(below: folder).isEmpty)
    }
  }
}
