import Corpora
import Study

/// How the page shows where an arm has the facts: the colour of its bars, the shape of its points.
extension FactLocation {
  /// The location of the arm of a name; of names that are not known, the prompt.
  init(arm name: String) { self = Arm.named(name)?.facts ?? .prompt }

  /// Its name in the legend.
  var label: String {
    switch self {
    case .nowhere: "no true fact anywhere (control)"
    case .prompt: "facts in the prompt"
    case .weights: "facts in the weights"
    case .inferences: "facts the model wrote itself, in the weights"
    case .both: "facts in the weights and in the prompt"
    }
  }

  /// The class of the style sheet that has its colour.
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
  /// What its questions ask for.
  var meaning: String {
    switch self {
    case .trained: "a statement as it was given"
    case .rephrased: "the same statement in other words"
    case .reversed: "the statement from its other side"
    case .deduced: "what follows from several statements"
    case .holdout: "what follows from the kind of a thing of which nothing else is told"
    default: "questions that their file calls so"
    }
  }

  /// One of the datasets' splits, whose style a split of the user's own borrows.
  private var styled: Split {
    let known = Self.allCases
    if known.contains(self) { return self }
    return known[rawValue.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 997 } % known.count]
  }

  /// The class of the style sheet that has its colour.
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

  /// The arms that were run on a dataset, or on any, in the order of ``Arm/all``; any that it does
  /// not know come last.
  func arms(_ dataset: String? = nil) -> [String] {
    let own = rows.filter { dataset == nil || $0.dataset == dataset }.map(\.arm).uniqued()
    let known = Arm.known.map(\.name)
    return known.filter(own.contains) + own.filter { !known.contains($0) }
  }

  /// The splits that a dataset, or any, has questions of, in the order of their definition.
  func splits(_ dataset: String? = nil) -> [Split] {
    let own = rows.filter { dataset == nil || $0.dataset == dataset }.map(\.split)
    return Split.ordered(own)
  }
}
