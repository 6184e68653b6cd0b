import Foundation
import Support

/// A question of the user.
public struct UserQuestion: Hashable, Sendable {
  /// Without white space at its end.
  public var prompt: String
  /// The continuations to choose from, each with its leading white space; nil if the completions of
  /// the other questions are the choices.
  public var choices: [String]?
  /// The right continuation.
  public var completion: String
  public var split: Split
  /// What the question is about: questions about the same fact are not independent evidence. If the
  /// file does not say, it is the prompt of a question with choices, the completion of another one.
  public var fact: String
  /// The keys of its line that are no part of it, in alphabetical order.
  public var unread: [String] = []
}

/// Files of questions: JSON lines, or an array, each
/// `{"prompt": …, "choices": […], "answer": 0}` or `{"prompt": …, "completion": …}`, with an optional `"split"` and `"fact"`.
///
/// The files of the reversal curse (Berglund et al. 2023, arXiv 2309.12288) load as they are.
public enum QuestionFile {
  /// The longest name of a split, in characters and in bytes: it becomes part of file names.
  static let longestSplit = 60
  static let maxBytesOfSplit = 180

  private struct Line {
    private static let keys = [
      "prompt", "choices", "answer", "completion", "split", "fact", "space",
    ]
    private let fields: UserRecord

    init(_ value: JSONValue) throws {
      guard case .object(let members) = value else {
        throw LineProblem("is not a JSON object; write one")
      }
      fields = UserRecord(members)
    }

    func question(defaultSplit: Split) throws -> UserQuestion {
      guard let prompt = try fields.text("prompt") else {
        throw LineProblem("prompt is missing; add it")
      }
      // False if what follows the prompt is to be joined to it as it is.
      let joining = Joining(prompt, addsSpace: try fields.flag("space") ?? true)
      guard !joining.prompt.isEmpty else {
        throw LineProblem("has an empty \"prompt\"; write the question in it")
      }
      let answer = try fields["answer"].map(Answer.init)
      let fact = try label("fact")
      let split = try fields.text("split").map { name in
        guard let split = Split(own: name) else {
          throw LineProblem(
            "has the split \"\(name)\"; a split is a name of 1 to \(QuestionFile.longestSplit) "
              + "characters and at most \(QuestionFile.maxBytesOfSplit) bytes on one line")
        }
        return split
      }
      func continuation(_ text: String, _ key: String) throws -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
          throw LineProblem("has an empty \(key); fill it in, or remove it")
        }
        return joining.continuation(text)
      }
      let ready: (choices: [String]?, completion: String)
      switch (try fields.texts("choices"), try fields.text("completion")) {
      case (let choices?, nil):
        let texts = try choices.map { try continuation($0, "choice") }
        guard texts.count > 1 else {
          throw LineProblem(
            "has \(texts.count) choice\(texts.count == 1 ? "" : "s"); give at least two, or a "
              + "\"completion\" instead of choices")
        }
        if let twice = texts.indices.first(where: { texts[..<$0].contains(texts[$0]) }) {
          throw LineProblem("has the choice \"\(choices[twice])\" twice; remove one of them")
        }
        guard let answer else {
          throw LineProblem(
            "lacks \"answer\"; add the number of the right choice, counted from 0")
        }
        ready = (texts, texts[try answer.index(in: choices)])
      case (nil, let completion?):
        guard answer == nil else {
          throw LineProblem("has an \"answer\" but no \"choices\"; add them, or remove the answer")
        }
        ready = (nil, try continuation(completion, "\"completion\""))
      case (_?, _?): throw LineProblem("has \"choices\" and a \"completion\"; remove one of them")
      case (nil, nil): throw LineProblem("has neither \"choices\" nor a \"completion\"; add one")
      }
      return UserQuestion(
        prompt: joining.prompt, choices: ready.choices, completion: ready.completion,
        split: split ?? defaultSplit,
        fact: fact ?? (ready.choices == nil ? ready.completion : joining.prompt),
        unread: fields.keys(otherThan: Self.keys))
    }

    /// A string or a whole number.
    private func label(_ key: String) throws -> String? {
      if let number = fields[key]?.integer { return String(number) }
      return try fields.text(key)
    }
  }

  /// The right choice: its number, counted from 0, or its text.
  private enum Answer {
    case number(Double)
    case text(String)

    init(_ value: JSONValue) throws {
      switch value {
      case .integer(let number): self = .number(Double(number))
      case .number(let number): self = .number(number)
      case .string(let text): self = .text(text)
      default: throw LineProblem("answer must be a number or a string; correct it")
      }
    }

    func index(in choices: [String]) throws -> Int {
      switch self {
      case .number(let number):
        guard let index = Int(exactly: number), choices.indices.contains(index) else {
          throw LineProblem(
            "has the answer \(number.formatted), but its choices are numbered 0 to "
              + "\(choices.count - 1)")
        }
        return index
      case .text(let text):
        func trimmed(_ text: String) -> Substring {
          let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:))
          return text[..<(end ?? text.startIndex)].drop { $0.isWhitespace }
        }
        guard let index = choices.firstIndex(where: { trimmed($0) == trimmed(text) }) else {
          throw LineProblem(
            "has the answer \(quoted(text)), which is none of its choices; write the number of the "
              + "right choice, counted from 0 (the first is 0, not 1 or A)")
        }
        return index
      }
    }
  }

  /// The questions in the order of the file.
  ///
  /// - Parameter split: the split of lines that name none; if nil, the file's name without
  ///   extension.
  /// - Throws: `LineError` with the file and the line; also if the file has no question.
  public static func read(_ url: URL, split: Split? = nil) throws -> [UserQuestion] {
    let name = url.deletingPathExtension().lastPathComponent
    let split = split ?? Split(own: name) ?? .trained
    let questions = try JSONLines.read(url) { try Line($0).question(defaultSplit: split) }
    guard !questions.isEmpty else {
      throw LineError(
        url,
        "has no questions; each line must be {\"prompt\": …, \"choices\": […], \"answer\": 0} or "
          + "{\"prompt\": …, \"completion\": …}")
    }
    return questions
  }
}

extension Split {
  /// The split of a name that a user chose; nil if tables or file names could not contain it.
  public init?(own name: String) {
    guard !name.isEmpty, name.count <= QuestionFile.longestSplit,
      name.utf8.count <= QuestionFile.maxBytesOfSplit,
      name.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace || $0 == " " }),
      name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }),
      name.contains(where: { !$0.isWhitespace })
    else { return nil }
    self.init(rawValue: name)
  }
}

extension Double {
  /// Whole numbers without ".0".
  fileprivate var formatted: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
