// The nonlinear functions of feed-forward layers, plain and gated (Shazeer 2020, arXiv 2002.05202).

/// The nonlinear function of a feed-forward layer.
public enum Activation: Sendable, Equatable, CaseIterable {
  /// x / (1 + e^−x)
  case silu
  /// x · Φ(x), Φ the normal distribution's cumulative function (Hendrycks & Gimpel 2016,
  /// arXiv 1606.08415).
  case gelu
  /// The same with Φ approximated by a hyperbolic tangent.
  case geluTanh
  /// The larger of x and 0.
  case relu
}

/// output = f(input), element by element; both `[rows, columns]`.
public func activationForward(_ activation: Activation, _ input: Matrix, output: Matrix) {
  precondition(input.rows == output.rows && input.columns == output.columns)
  switch activation {
  case .silu: forward(SiLU.self, input, output)
  case .gelu: forward(GELU.self, input, output)
  case .geluTanh: forward(GELUTanh.self, input, output)
  case .relu: forward(ReLU.self, input, output)
  }
}

/// The backward pass of `activationForward`: overwrites `inputGradient`, which may be
/// `outputGradient` itself; all `[rows, columns]`.
public func activationBackward(
  _ activation: Activation, _ input: Matrix, outputGradient: Matrix, inputGradient: Matrix
) {
  precondition(input.rows == outputGradient.rows && input.columns == outputGradient.columns)
  precondition(input.rows == inputGradient.rows && input.columns == inputGradient.columns)
  switch activation {
  case .silu: backward(SiLU.self, input, outputGradient, inputGradient)
  case .gelu: backward(GELU.self, input, outputGradient, inputGradient)
  case .geluTanh: backward(GELUTanh.self, input, outputGradient, inputGradient)
  case .relu: backward(ReLU.self, input, outputGradient, inputGradient)
  }
}

/// output = f(gate) · up.
///
/// gateUp: `[rows, 2 · width]`, in each row first gate, then up; output: `[rows, width]`.
public func gatedForward(_ activation: Activation, _ gateUp: Matrix, output: Matrix) {
  precondition(gateUp.rows == output.rows && gateUp.columns == 2 * output.columns)
  switch activation {
  case .silu: swigluForward(gateUp, output: output)
  case .gelu: gatedForward(GELU.self, gateUp, output)
  case .geluTanh: gatedForward(GELUTanh.self, gateUp, output)
  case .relu: gatedForward(ReLU.self, gateUp, output)
  }
}

/// The backward pass of `gatedForward`: overwrites `gateUpGradient`, which may be `gateUp` itself.
///
/// gateUp, gateUpGradient: `[rows, 2 · width]`; outputGradient: `[rows, width]`.
public func gatedBackward(
  _ activation: Activation, _ gateUp: Matrix, outputGradient: Matrix, gateUpGradient: Matrix
) {
  let width = outputGradient.columns
  precondition(gateUp.rows == outputGradient.rows && gateUp.columns == 2 * width)
  precondition(gateUpGradient.rows == gateUp.rows && gateUpGradient.columns == 2 * width)
  switch activation {
  case .silu:
    swigluBackward(gateUp, outputGradient: outputGradient, gateUpGradient: gateUpGradient)
  case .gelu: gatedBackward(GELU.self, gateUp, outputGradient, gateUpGradient)
  case .geluTanh: gatedBackward(GELUTanh.self, gateUp, outputGradient, gateUpGradient)
  case .relu: gatedBackward(ReLU.self, gateUp, outputGradient, gateUpGradient)
  }
}

// MARK: The functions

/// A function of one number, for a lane of them too.
private protocol ActivationFunction {
  static func value<V: LaneOrFloat>(_ x: V) -> V
  static func slope<V: LaneOrFloat>(_ x: V) -> V
}

private enum SiLU: ActivationFunction {
  @inline(always) static func value<V: LaneOrFloat>(_ x: V) -> V { x / (1 + (-x).exponential) }

  @inline(always) static func slope<V: LaneOrFloat>(_ x: V) -> V {
    let sigmoid: V = 1 / (1 + (-x).exponential)
    return sigmoid + x * sigmoid * (1 - sigmoid)
  }
}

private enum GELU: ActivationFunction {
  /// erf(|x| / √2) with an error below 2e-7 (Abramowitz & Stegun 1964, 7.1.26), and e^(−x²/2).
  @inline(always)
  private static func errorFunction<V: LaneOrFloat>(_ x: V) -> (erf: V, density: V) {
    let z = x.magnitude * 0.707_106_77
    let t: V = 1 / (1 + z * 0.327_591_1)
    let density = (-(z * z)).exponential
    var polynomial: V = -1.453_152 + t * 1.061_405_4
    polynomial = 1.421_413_7 + polynomial * t
    polynomial = -0.284_496_74 + polynomial * t
    polynomial = 0.254_829_6 + polynomial * t
    return (1 - polynomial * t * density, density)
  }

  @inline(always) static func value<V: LaneOrFloat>(_ x: V) -> V {
    (x + x.magnitude * errorFunction(x).erf) * 0.5
  }

  @inline(always) static func slope<V: LaneOrFloat>(_ x: V) -> V {
    let (erf, density) = errorFunction(x)
    return (1 + x.unitSign * erf) * 0.5 + x * density * 0.398_942_3
  }
}

private enum GELUTanh: ActivationFunction {
  /// tanh(√(2/π) · (x + 0.044715 · x³))
  @inline(always) private static func tangent<V: LaneOrFloat>(_ x: V) -> V {
    let inner = (x + x * x * x * 0.044_715) * 0.797_884_56
    let part: V = 2 / (1 + (inner * 2).exponential)
    return 1 - part
  }

  @inline(always) static func value<V: LaneOrFloat>(_ x: V) -> V { x * (1 + tangent(x)) * 0.5 }

  @inline(always) static func slope<V: LaneOrFloat>(_ x: V) -> V {
    let t = tangent(x)
    let inner: V = (1 + x * x * 0.134_145) * 0.797_884_56
    return (1 + t) * 0.5 + x * (1 - t * t) * inner * 0.5
  }
}

private enum ReLU: ActivationFunction {
  @inline(always) static func value<V: LaneOrFloat>(_ x: V) -> V { x.positive }
  /// 0 at 0, as in PyTorch.
  @inline(always) static func slope<V: LaneOrFloat>(_ x: V) -> V {
    (1 - (-x).unitSign) * 0.5
  }
}

// MARK: The loops, specialised for each function

private func forward<F: ActivationFunction>(_: F.Type, _ input: Matrix, _ output: Matrix) {
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let y = output.base + row &* output.stride
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) { y[i] = F.value(x[i] as V) }
    forEachLane(of: input.columns, step, step)
  }
}

private func backward<F: ActivationFunction>(
  _: F.Type, _ input: Matrix, _ outputGradient: Matrix, _ inputGradient: Matrix
) {
  for row in 0..<input.rows {
    let x = input.base + row &* input.stride
    let dy = outputGradient.base + row &* outputGradient.stride
    let dx = inputGradient.base + row &* inputGradient.stride
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) { dx[i] = dy[i] * F.slope(x[i] as V) }
    forEachLane(of: input.columns, step, step)
  }
}

private func gatedForward<F: ActivationFunction>(_: F.Type, _ gateUp: Matrix, _ output: Matrix) {
  let width = output.columns
  for row in 0..<output.rows {
    let gate = gateUp.base + row &* gateUp.stride
    let up = gate + width
    let out = output.base + row &* output.stride
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      out[i] = F.value(gate[i] as V) * up[i]
    }
    forEachLane(of: width, step, step)
  }
}

private func gatedBackward<F: ActivationFunction>(
  _: F.Type, _ gateUp: Matrix, _ outputGradient: Matrix, _ gateUpGradient: Matrix
) {
  let width = outputGradient.columns
  for row in 0..<outputGradient.rows {
    let gate = gateUp.base + row &* gateUp.stride
    let up = gate + width
    let dOut = outputGradient.base + row &* outputGradient.stride
    let dGate = gateUpGradient.base + row &* gateUpGradient.stride
    let dUp = dGate + width
    @inline(always) func step<V: LaneOrFloat>(_ i: Place<V>) {
      let (g, u, d): (V, V, V) = (gate[i], up[i], dOut[i])
      dGate[i] = d * u * F.slope(g)
      dUp[i] = d * F.value(g)
    }
    forEachLane(of: width, step, step)
  }
}
