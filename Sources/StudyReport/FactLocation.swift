import Corpora
import Study

/// How the page shows where an arm has the facts: by the colour of its bars and the shape of its
/// points.
extension FactLocation {
  /// The location of the facts of the arm with this name; the prompt for an unknown name.
  init(arm name: String) { self = Arm.named(name)?.facts ?? .prompt }

  /// Its name in the legend.
  var label: String {
    switch self {
    case .nowhere: "no true fact anywhere (control)"
    case .prompt: "facts in the prompt"
    case .weights: "facts in the weights"
    case .inferences: "facts and the model's own inferences, in the weights"
    case .both: "facts in the weights and in the prompt"
    }
  }

  /// The class of its colour in the style sheet.
  var kind: String { "place-" + rawValue }

  /// The shape of its points.
  var marker: Marker {
    switch self {
    case .prompt: .circle
    case .weights: .square
    case .inferences: .triangle
    case .both: .diamond
    case .nowhere: .cross
    }
  }
}

extension Split {
  /// What the split's questions ask for.
  var meaning: String {
    switch self {
    case .trained: "a statement as it was given"
    case .rephrased: "the same statement in other words"
    case .reversed: "the statement from its other side"
    case .deduced: "what follows from several statements"
    case .holdout: "what follows from the category of a thing about which nothing else is stated"
    default: "questions that their file gives this name"
    }
  }

  /// The split of the datasets whose style this split uses; the user's own splits share these
  /// styles.
  private var styled: Split {
    let known = Self.allCases
    if known.contains(self) { return self }
    return known[rawValue.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 997 } % known.count]
  }

  /// The class of its colour in the style sheet.
  var kind: String { "split-" + styled.rawValue }

  /// The shape of its points.
  var marker: Marker {
    switch styled {
    case .trained: .circle
    case .rephrased: .square
    case .reversed: .triangle
    case .deduced: .diamond
    default: .cross
    }
  }
}

extension Results {
  /// The datasets, in the order in which they were run.
  var datasets: [String] { rows.map(\.dataset).uniqued() }

  /// The arms that were run on a dataset (nil: on any), in the order of ``Arm/known``; unknown arms
  /// come last.
  func arms(_ dataset: String? = nil) -> [String] {
    let own = rows.filter { dataset == nil || $0.dataset == dataset }.map(\.arm).uniqued()
    let known = Arm.known.map(\.name)
    return known.filter(own.contains) + own.filter { !known.contains($0) }
  }

  /// The splits of a dataset's questions (nil: of any dataset's), in the order of their definition.
  func splits(_ dataset: String? = nil) -> [Split] {
    let own = rows.filter { dataset == nil || $0.dataset == dataset }.map(\.split)
    return Split.ordered(own)
  }
}
