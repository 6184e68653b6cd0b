// Writes the rows that a run was trained on, for pytorch_recipe.py.
//
// Usage: rows RUN STAGE
//
// For each step of the stage: tokens and targets as 32-bit integers, then weights as 32-bit floats,
// all `[rows_per_step, row_length]`, on standard output.

import Foundation
import Tokenization
import Training

let arguments = CommandLine.arguments
guard arguments.count == 3, let number = Int(arguments[2]) else {
  FileHandle.standardError.write(Data("usage: rows RUN STAGE; see pytorch_recipe.py\n".utf8))
  exit(64)
}
let run = URL(fileURLWithPath: arguments[1])
let decoder = JSONDecoder()
decoder.keyDecodingStrategy = .convertFromSnakeCase
let settings = try decoder.decode(
  RunSettings.self, from: Data(contentsOf: run.appendingPathComponent("config.json")))
let tokenizer = try Tokenizer(contentsOf: run.appendingPathComponent("model/tokenizer.json"))
guard let recipe = settings.recipe, recipe.stages.indices.contains(number) else {
  FileHandle.standardError.write(
    Data("\(run.path): is no pretraining run with a stage \(number)\n".utf8))
  exit(1)
}
let stage = recipe.stages[number]
let source = RowSource(
  tokenizer: tokenizer, seed: recipe.seed, mixture: stage.mixture,
  rowLength: stage.rowLength)
var row = recipe.stages[..<number].reduce(UInt64(0)) {
  $0 + UInt64($1.steps * $1.rowsPerStep)
}
for _ in 0..<stage.steps {
  let batch = source.batch(firstRow: row, rowCount: stage.rowsPerStep, workerCount: 1)
  row += UInt64(stage.rowsPerStep)
  var data = Data()
  batch.tokens.withUnsafeBytes { data.append(contentsOf: $0) }
  batch.targets.withUnsafeBytes { data.append(contentsOf: $0) }
  batch.weights.withUnsafeBytes { data.append(contentsOf: $0) }
  try FileHandle.standardOutput.write(contentsOf: data)
}
