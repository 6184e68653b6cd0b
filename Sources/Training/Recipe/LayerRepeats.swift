import Kernels
import Transformer

/// Layers that have the parameters of layers below them.
///
/// In the arena every layer has its own place, so that the model runs and is written like any other:
/// after each step the parameters are copied to the layers that repeat them, and before it these
/// layers' gradients are added to those of the layers they repeat.
public struct LayerRepeats {
  /// The places in the arena of each layer above the loop and of the one that it repeats.
  private let pairs: [(layer: Range<Int>, original: Range<Int>)]

  /// - Parameter loop: the layers that all layers above them repeat, counted from 1.
  public init(of loop: ClosedRange<Int>, _ layout: ParameterLayout) {
    pairs = (loop.upperBound..<layout.layerCount).map { layer in
      let original = loop.lowerBound - 1 + (layer - loop.upperBound) % loop.count
      return (layout.range(ofLayer: layer), layout.range(ofLayer: original))
    }
  }

  func copyParameters(_ parameters: Floats) {
    for (layer, original) in pairs {
      parameters.slice(layer.lowerBound, layer.count).copy(
        from: parameters.slice(original.lowerBound, original.count))
    }
  }

  /// Leaves the gradients of the repeating layers at zero.
  func addGradients(_ gradients: Floats) {
    for (layer, original) in pairs {
      let part = gradients.slice(layer.lowerBound, layer.count)
      gradients.slice(original.lowerBound, original.count).add(part)
      part.fill(0)
    }
  }
}
