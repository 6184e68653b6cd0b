import ArgumentParser
import Corpora

/// The flags that choose datasets: one for each of `Dataset.all`, and `--all`.
struct DatasetFlags: ParsableArguments {
  @Flag private var flags: [DatasetFlag] = []

  /// The datasets that are asked for, in the order of the list.
  var datasets: [Dataset] {
    Dataset.all.filter { flags.contains(.all) || flags.contains(.one($0)) }
  }

  /// A flag that was given, as it is written; nil where there is none.
  var given: String? { flags.contains(.all) ? DatasetFlag.all.text : flags.first?.text }

  /// Every flag, for a message: "--reversal, …, or --all".
  static var list: String {
    Dataset.all.map { DatasetFlag.one($0).text }.joined(separator: ", ")
      + ", or \(DatasetFlag.all.text)"
  }
}

private enum DatasetFlag: EnumerableFlag {
  case one(Dataset)
  case all

  static let allCases = Dataset.all.map(Self.one) + [.all]

  private var name: String {
    switch self {
    case .one(let dataset): dataset.name
    case .all: "all"
    }
  }

  var text: String { "--" + name }

  static func name(for value: Self) -> NameSpecification { .customLong(value.name) }

  static func help(for value: Self) -> ArgumentHelp? {
    switch value {
    case .one(let dataset): ArgumentHelp(stringLiteral: dataset.help)
    case .all: "All of them."
    }
  }
}
