import Kernels
import Transformer

/// Layers that share the parameters of layers below them.
///
/// In the arena every layer has its own place, so that the model runs and is written like any
/// other: before each step the gradients of the repeating layers are added to those of the layers
/// that they repeat, and after it the parameters are copied back to the repeating layers.
public struct LayerRepeats {
  /// The ranges in the arena of each layer above the loop and of the layer that it repeats.
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

  /// Adds the gradients of the repeating layers to those of the repeated ones, and sets the former
  /// to zero.
  func addGradients(_ gradients: Floats) {
    for (layer, original) in pairs {
      let part = gradients.slice(layer.lowerBound, layer.count)
      gradients.slice(original.lowerBound, original.count).add(part)
      part.fill(0)
    }
  }
}
