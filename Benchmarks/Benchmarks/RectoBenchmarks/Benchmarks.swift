import Benchmark
import Kernels

// Speeds are per thread unless a name says otherwise, beside the best this machine does.
let benchmarks: @Sendable () -> Void = {
  Processor.flushDenormals()
  for shape in Shape.all {
    registerMatrixProducts(shape)
    registerAttention(shape)
    registerRowKernels(shape)
    registerTraining(shape)
    registerInference(shape)
  }
}
