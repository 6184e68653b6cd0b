// Times one workload of Recto and prints the seconds as one line of JSON, for compare.py.
//
// Usage: timings TASK, where TASK is JSON as `Task` below.

import Foundation
import Kernels

let decoder = JSONDecoder()
decoder.keyDecodingStrategy = .convertFromSnakeCase
guard let text = CommandLine.arguments.dropFirst().first,
  let task = try? decoder.decode(Task.self, from: Data(text.utf8))
else {
  FileHandle.standardError.write(Data("usage: timings TASK; see compare.py\n".utf8))
  exit(64)
}
let processor = Processor.current
let run = try task.prepare()
for _ in 0..<task.warmups { run() }
let seconds = (0..<task.repetitions).map { _ in
  let start = ContinuousClock.now
  run()
  return start.duration(to: .now) / .seconds(1)
}
let result: [String: Any] = [
  "seconds": seconds, "blas_core": processor.blasCore,
  "peak_memory": Processor.peakMemory,
  "gigaflops": processor.measureGigaflops(workerCount: task.threads),
]
print(
  String(
    decoding: try JSONSerialization.data(withJSONObject: result, options: .sortedKeys),
    as: UTF8.self))
