import Kernels

/// output = input · weightᵀ + bias: one matrix, or several that read the same input.
///
/// Several matrices stand one after another in memory, so that they are one product. An adapter
/// still changes each of them by itself.
struct Linear {
  /// `[outputs, inputs]`
  let weight: Matrix
  /// `[outputs]`
  let bias: Floats?
  /// The number of the first of these matrices in `ParameterLayout.matrices`.
  private let firstMatrix: Int
  /// Outputs of each matrix.
  private let outputs: [Int]

  /// - Parameters:
  ///   - matrices: the name of each within its layer, without ".weight", and its outputs.
  ///   - initial: how new weights are drawn; by default with the deviation 1 / √inputs.
  ///   - order: how files store each matrix.
  init(
    _ parameters: inout ParameterArena, _ matrices: [(name: String, outputs: Int)], inputs: Int,
    hasBias: Bool = false, initial: InitialValues? = nil, order: StoredOrder = .same
  ) {
    firstMatrix = parameters.addMatrices(matrices, inputs: inputs, order: order)
    outputs = matrices.map(\.outputs)
    weight = parameters.matrix(
      matrices.map { ($0.name + ".weight", $0.outputs) }, columns: inputs,
      initial: initial ?? .normal(deviation: 1 / Float(inputs).squareRoot()), order: order)
    bias =
      hasBias
      ? parameters.vector(
        matrices.map { ($0.name + ".bias", $0.outputs) }, initial: .zeros, order: order) : nil
  }

  /// input: `[rows, inputs]`, output: `[rows, outputs]`, overwritten.
  func forward(_ input: Matrix, into output: Matrix, _ pass: Pass) {
    if let bias { biasForward(bias, output: output) }
    multiply(
      input, weight.transposed, into: output, accumulate: bias != nil, threads: pass.threadCount)
    addLowRank(input, to: output, pass)
  }

  /// output += input · weightᵀ + bias.
  func add(_ input: Matrix, to output: Matrix, _ pass: Pass) {
    if let bias { addBias(bias, to: output) }
    multiply(input, weight.transposed, into: output, accumulate: true, threads: pass.threadCount)
    addLowRank(input, to: output, pass)
  }

  private func addLowRank(_ input: Matrix, to output: Matrix, _ pass: Pass) {
    guard let lowRank = pass.lowRank else { return }
    forEachMatrix { matrix, first, count in
      lowRank.adapter.products[matrix]?.add(
        input, into: output.columns(first, count), lowRank.scratch)
    }
  }

  /// Writes the gradient of the input and adds those of an adapter that is trained.
  ///
  /// outputGradient: `[rows, outputs]`, inputGradient: `[rows, inputs]`, overwritten.
  func backward(
    _ input: Matrix, outputGradient: Matrix, inputGradient: Matrix, _ pass: Pass
  ) {
    multiply(outputGradient, weight, into: inputGradient, threads: pass.threadCount)
    guard let lowRank = pass.lowRank, let sums = lowRank.sums else { return }
    forEachMatrix { matrix, first, count in
      guard let product = lowRank.adapter.products[matrix], let sums = sums.products[matrix] else {
        return
      }
      product.backward(
        input, outputGradient: outputGradient.columns(first, count), inputGradient: inputGradient,
        sums: sums, lowRank.scratch)
    }
  }

  /// Adds the gradients of weight and bias to `sums`, if there are any.
  func addGradients(
    _ input: Matrix, outputGradient: Matrix, to sums: Linear?, _ pass: Pass
  ) {
    guard let sums else { return }
    multiply(
      outputGradient.transposed, input, into: sums.weight, accumulate: true,
      threads: pass.threadCount)
    if let bias = sums.bias { biasBackward(outputGradient, biasGradient: bias) }
  }

  /// Calls `body` with the number of each matrix, its first column of the output and its columns.
  private func forEachMatrix(_ body: (_ matrix: Int, _ first: Int, _ count: Int) -> Void) {
    var first = 0
    for (index, count) in outputs.enumerated() {
      body(firstMatrix + index, first, count)
      first += count
    }
  }
}
