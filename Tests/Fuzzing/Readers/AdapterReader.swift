import Foundation
import ModelFiles
import Transformer

extension FuzzedReader {
  /// An adapter's folder: `adapter_config.json` and `adapter_model.safetensors`.
  public static let adapter = FuzzedReader("adapter") { bytes in
    let folder = try emptyFolder("adapter")
    for (name, part) in zip(["adapter_config.json", "adapter_model.safetensors"], parts(of: bytes))
    {
      try Data(part).write(to: folder.appendingPathComponent(name))
    }
    let configuration = Configuration(
      vocabularySize: 8, hiddenSize: 4, intermediateSize: 8, layerCount: 1, headCount: 1,
      contextLength: 8)
    let adapter = try AdapterFolder.read(folder, on: configuration)
    // A number has two bytes at least.
    precondition(
      adapter.parameters.count * 2 <= bytes.count, "an adapter of more numbers than the files hold")
    adapter.merge(into: try Model(configuration))
  }
}
