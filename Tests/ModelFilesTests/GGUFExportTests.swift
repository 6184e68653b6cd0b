import Foundation
import Kernels
import Support
import TestSupport
import Testing
import Tokenization
import Transformer

@testable import ModelFiles

@Suite struct GGUFExportTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden/quantised.gguf")

  /// The bytes are those of the `gguf` package; see Interop/make_gguf.py.
  @Test(arguments: [GGUF.TensorType.f16, .bf16, .q80])
  func `numbers are rounded as llama.cpp's package rounds them`(type: GGUF.TensorType) throws {
    let file = try GGUF(contentsOf: Self.golden)
    let floats = FloatStorage(count: try #require(file.tensor(named: "floats")).count)
    try file.floats(named: "floats", into: floats.floats)
    let range = try #require(file.tensor(named: type.name)).byteRange
    let expected = [UInt8](try Data(contentsOf: Self.golden)[range])
    #expect(expected.count == floats.floats.count / type.blockSize * type.blockBytes)
    #expect(type.quantise(floats.floats) == expected)
  }

  @Test(arguments: [
    (GGUF.TensorType.f16, Float(65_519), Float(65_520)), (.q80, 8_320_000, 8_330_000),
    (.bf16, 3.38e38, 3.4e38),
  ])
  func `a number that is too large is not written`(
    type: GGUF.TensorType, fits: Float, tooLarge: Float
  ) throws {
    let floats = FloatStorage(count: 32)
    floats.floats[3] = -fits
    #expect(type.quantise(floats.floats) != nil)
    floats.floats[3] = -tooLarge
    #expect(type.quantise(floats.floats) == nil)
  }

  private func model(
    _ family: ModelFamily, tied: Bool = false
  ) throws -> Model {
    let configuration = Configuration(
      family: family, vocabularySize: Tokenizer.tiny.vocabularySize + 3, hiddenSize: 32,
      intermediateSize: 40, layerCount: 2, headCount: 4, keyValueHeadCount: 2, headSize: 8,
      contextLength: 64, ropeTheta: 12_345.5, normEpsilon: 1e-5,
      tiesEmbeddings: tied, endOfTextToken: Int(Tokenizer.tiny.endOfText))
    let model = try Model(configuration)
    model.initialize(seed: 3)
    for entry in model.layout.entries where entry.initial == .zeros {
      for index in entry.range { model.parameters[index] = Float(index % 7) / 10 }
    }
    return model
  }

  @Test(arguments: [ModelFamily.llama, .qwen2, .qwen3], [false, true])
  func `a model is read as it was written, byte for byte the same each time`(
    family: ModelFamily, tied: Bool
  ) throws {
    let model = try model(family, tied: tied)
    try withTemporaryFolder { folder in
      let (first, second) = (folder.appending(path: "a.gguf"), folder.appending(path: "b.gguf"))
      let notes = GGUFExport.Notes(
        name: "Femp", chatTemplate: "{{ messages }}", beginningToken: 5, paddingToken: 7)
      for url in [first, second, second] {
        try GGUFExport.write(model, tokenizer: .tiny, type: .f32, notes: notes, to: url)
      }
      #expect(try Data(contentsOf: first) == Data(contentsOf: second))
      let (again, tokenizer) = try LanguageModel.read(first)
      #expect(again.configuration == model.configuration)
      #expect(again.digest == model.digest)
      #expect(tokenizer.endOfText == Tokenizer.tiny.endOfText)
      for text in ["femp are more rony than glon.", " 12<|endoftext|>  3é\n\n"] {
        #expect(tokenizer.encodeWhole(text) == Tokenizer.tiny.encodeWhole(text))
        #expect(tokenizer.encode(text) == Tokenizer.tiny.encode(text))
      }
      var found = try GGUFExport.Notes(of: first, tokenizer: tokenizer)
      if !tokenizer.templatePrefix.isEmpty { found.beginningToken = notes.beginningToken }
      #expect(found == notes)
      let file = try GGUF(contentsOf: first)
      #expect(file.tensors.allSatisfy { $0.byteRange.lowerBound % 32 == 0 })
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(Set(left) == ["a.gguf", "b.gguf"])
    }
  }

  @Test(arguments: [(GGUF.TensorType.f16, Float(5e-4)), (.bf16, 4e-3), (.q80, 5e-3)])
  func `matrices have the type asked for, and vectors are exact`(
    type: GGUF.TensorType, error: Float
  ) throws {
    let model = try model(.qwen3)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.gguf")
      try GGUFExport.write(
        model, tokenizer: .tiny, type: type, notes: GGUFExport.Notes(name: "a"), to: url)
      for tensor in try GGUF(contentsOf: url).tensors {
        // Rows of 40 numbers are no whole blocks of Q8_0.
        let expected: GGUF.TensorType =
          tensor.shape.count == 1 ? .f32 : tensor.shape[1] % type.blockSize == 0 ? type : .f16
        #expect(tensor.type == expected, "\(tensor.name)")
      }
      let (again, _) = try LanguageModel.read(url)
      for entry in model.layout.entries {
        let (a, b) = (model.parameters.array[entry.range], again.parameters.array[entry.range])
        let largest = a.reduce(0) { max($0, abs($1)) }
        let furthest = zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(furthest <= (entry.shape.count == 1 ? 0 : error * largest), "\(entry.name)")
      }
    }
  }

  @Test(
    arguments: [
      .linear(factor: 4),
      .yarn(
        factor: 4, originalContextLength: 32, fastTurns: 32, slowTurns: 1, truncates: true,
        attentionFactor: 0.1 * log(4) + 1),
      .llama3(
        factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 512),
    ] as [RopeScaling])
  func `scaled rotary positions and biases are read as they were written`(
    scaling: RopeScaling
  ) throws {
    var configuration = try model(.llama).configuration
    configuration.ropeScaling = scaling
    configuration.hasAttentionBias = true
    configuration.hasFeedForwardBias = true
    let model = try Model(configuration)
    model.initialize(seed: 4)
    for index in 0..<model.parameterCount { model.parameters[index] += Float(index % 11) / 50 }
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.gguf")
      try GGUFExport.write(
        model, tokenizer: .tiny, type: .f32, notes: GGUFExport.Notes(name: "a"), to: url)
      let (again, _) = try LanguageModel.read(url)
      #expect(again.configuration == configuration)
      #expect(again.digest == model.digest)
    }
  }

  @Test func `what GGUF cannot express is refused by name`() throws {
    func message(
      _ model: Model, _ tokenizer: Tokenizer = .tiny, _ type: GGUF.TensorType = .f32
    ) throws -> String {
      var text = "written"
      try withTemporaryFolder { folder in
        let url = folder.appending(path: "a.gguf")
        do {
          try GGUFExport.write(
            model, tokenizer: tokenizer, type: type, notes: GGUFExport.Notes(name: "a"), to: url)
        } catch {
          text = "\(error)"
          #expect(error is FileError)
          let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
          #expect(left.isEmpty)
        }
      }
      return text
    }
    func tokenizer(_ old: String, _ new: String) throws -> Tokenizer {
      let text = String(decoding: try Tokenizer.tiny.json(), as: UTF8.self)
      #expect(text.contains(old), "\(text.prefix(2000))")
      return try Tokenizer(
        json: Data(text.replacing(old, with: new, maxReplacements: 1).utf8),
        endOfText: Tokenizer.tiny.endOfText)
    }
    let model = try model(.llama)
    #expect(try message(model) == "written")
    for (word, change) in [
      (
        "borders of its own",
        {
          $0.ropeScaling = .yarn(
            factor: 2, originalContextLength: 32, fastTurns: 8, slowTurns: 1, truncates: true,
            attentionFactor: 1)
        }
      ),
      ("partial_rotary_factor", { $0.rotaryShare = 0.5 }),
      (
        "sliding_window",
        {
          $0.slidingWindow = 8
          $0.slidingLayers = [1]
        }
      ),
      ("hidden_act", { $0.activation = .relu }),
      ("some setting", { $0.attentionScale = 0.3 }),
    ] as [(String, (inout Configuration) -> Void)] {
      var configuration = model.configuration
      change(&configuration)
      #expect(try message(Model(configuration)).contains(word))
    }
    var other = model.configuration
    other.family = .gpt2
    other.keyValueHeadCount = other.headCount
    #expect(try message(Model(other)).contains("not written as GGUF"))
    let composing = try tokenizer(#""normalizer": null"#, #""normalizer": {"type": "NFC"}"#)
    #expect(try message(model, composing).contains("normalises"))
    let stripping = try tokenizer(#""lstrip": false"#, #""lstrip": true"#)
    #expect(try message(model, stripping).contains("lstrip"))
    var stopping = Tokenizer.tiny
    stopping.stopTokens.formUnion([3, 4, 5])
    #expect(try message(model, stopping).contains("4 tokens end a text"))
    model.parameters[7] = 1e6
    #expect(try message(model, .tiny, .f16).contains("too large for F16"))
    model.parameters[7] = .nan
    #expect(try message(model).contains("NaN"))
  }

  @Test func `only a GGUF file is replaced`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "notes.txt")
      try Data("GGML".utf8).write(to: file)
      for url in [file, folder] {
        #expect(throws: FileError.self) { try GGUFExport.checkDestination(url) }
      }
      #expect(throws: FileError.self) {
        try GGUFExport.checkDestination(URL(filePath: "/dev/null/a.gguf"))
      }
    }
  }

  @Test func `notes are those of the folder`() throws {
    try withTemporaryFolder { folder in
      func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      func notes() throws -> GGUFExport.Notes {
        try GGUFExport.Notes(of: folder, tokenizer: .tiny)
      }
      let name = folder.lastPathComponent
      #expect(try notes() == GGUFExport.Notes(name: name))
      try write("config.json", #"{"bos_token_id": 3, "pad_token_id": 4}"#)
      try write(
        "tokenizer_config.json",
        #"{"chat_template": [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]}"#
      )
      #expect(
        try notes()
          == GGUFExport.Notes(name: name, chatTemplate: "d", beginningToken: 3, paddingToken: 4))
      try write(
        "tokenizer_config.json",
        #"{"pad_token": {"content": "<|endoftext|>"}, "chat_template": "c"}"#)
      let end = Int(Tokenizer.tiny.endOfText)
      #expect(
        try notes()
          == GGUFExport.Notes(name: name, chatTemplate: "c", beginningToken: 3, paddingToken: end))
      try write("chat_template.jinja", "j")
      #expect(try notes().chatTemplate == "j")
      try write("tokenizer_config.json", "{")
      #expect(throws: FileError.self) { try notes() }
    }
  }
}
