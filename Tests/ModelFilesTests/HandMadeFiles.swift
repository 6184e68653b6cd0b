import Foundation
import Kernels
import Transformer

@testable import ModelFiles

/// The bytes of a safetensors file with any header and data.
func safetensorsFile(_ header: String, data: Int = 0, length: UInt64? = nil) -> Data {
  safetensorsFile(Data(header.utf8), data: data, length: length)
}

func safetensorsFile(_ header: Data, data: Int = 0, length: UInt64? = nil) -> Data {
  let length = length ?? UInt64(header.count)
  return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }) + header
    + Data(count: data)
}

/// A small configuration of any family.
func tinyConfiguration(
  _ family: ModelFamily = .qwen3, tied: Bool = true
) -> Configuration {
  let keys = family.format.keys
  return Configuration(
    family: family, vocabularySize: 11, hiddenSize: 8, intermediateSize: 12,
    layerCount: 2, headCount: 2, keyValueHeadCount: keys.keyValueHeadCount == nil ? 2 : 1,
    headSize: keys.headSize == nil ? 4 : 6, contextLength: 16,
    ropeTheta: keys.contextLength == "n_positions" ? 10_000 : 50_000, normEpsilon: 1e-5,
    tiesEmbeddings: tied, endOfTextToken: 3)
}

/// Different finite numbers.
func fillWithNumbers(_ floats: Floats) {
  for index in 0..<floats.count { floats[index] = Float(index % 251) * 0.125 - 7 }
}
