import Foundation
import Kernels
import ModelFiles

extension FuzzedReader {
  /// One safetensors file, and every tensor in it.
  public static let safetensors = FuzzedReader("safetensors") { bytes in
    let file = try emptyFolder("safetensors").appendingPathComponent("a.safetensors")
    try Data(bytes).write(to: file)
    let tensors = try Safetensors(contentsOf: file)
    var total = 0
    for tensor in tensors.tensors {
      total += try tensors.data(named: tensor.name).count
      if [.f32, .f16, .bf16].contains(tensor.dtype) {
        let storage = FloatStorage(count: tensor.count)
        try tensors.readFloats(ofTensor: tensor.name, into: storage.floats)
      }
    }
    precondition(total <= bytes.count, "more was read than the file holds")
  }
}
