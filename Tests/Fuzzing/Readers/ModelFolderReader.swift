import Foundation
import Kernels
import ModelFiles
import Transformer

extension FuzzedReader {
  /// A model folder: `config.json` and `model.safetensors`; or `config.json`, an index, and the
  /// files `a.safetensors`, `b.safetensors` and so on that it may name.
  public static let modelFolder = FuzzedReader("model-folder") { bytes in
    let folder = try emptyFolder("model-folder")
    let parts = parts(of: bytes)
    var names = ["config.json", "model.safetensors"]
    if parts.count > 2 {
      names = ["config.json", "model.safetensors.index.json"]
      names += (0..<min(4, parts.count - 2)).map { ["a", "b", "c", "d"][$0] + ".safetensors" }
    }
    for (name, part) in zip(names, parts) {
      try Data(part).write(to: folder.appendingPathComponent(name))
    }
    let configuration = try ModelFolder.readConfiguration(at: folder)
    let count = ParameterLayout(configuration).count
    precondition(count <= bytes.count, "a configuration of more parameters than the files hold")
    let storage = FloatStorage(count: count)
    try ModelFolder.readParameters(
      at: folder, configuration: configuration, into: storage.floats)
  }
}
