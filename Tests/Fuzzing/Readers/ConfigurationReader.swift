import Foundation
import ModelFiles
import Transformer

extension FuzzedReader {
  /// `config.json` of a model.
  public static let configuration = FuzzedReader("configuration") { bytes in
    let file = try ConfigurationFile(data: Data(bytes))
    let again = try ConfigurationFile(data: file.encoded())
    precondition(again == file, "what was written is read differently")
    let configuration = file.configuration
    let layout = ParameterLayout(configuration)
    precondition(layout.count > 0)
    // Small ones are made as well.
    if layout.count < 1 << 16, configuration.contextLength * configuration.headSize < 1 << 16 {
      _ = try Model(configuration)
    }
  }
}
