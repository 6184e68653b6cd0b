import Foundation
import Support

/// A question of the user's own.
public struct UserQuestion: Hashable, Sendable {
  /// Without white space at its end.
  public var prompt: String
  /// The continuations to choose among, each with its leading white space; nil where the other questions'
  /// completions are the choices.
  public var choices: [String]?
  /// The right continuation.
  public var completion: String
  public var split: Split
  /// What the question is about: questions about one thing are no independent evidence. The question
  /// alone, or its completion, where the file does not say.
  public var fact: String
}

/// Files of questions: JSON lines, each `{"prompt": …, "choices": […], "answer": 0}` or `{"prompt": …,
/// "completion": …}`, with a `"split"` and a `"fact"` if wanted.
///
/// The files of the reversal curse (Berglund et al. 2023, arXiv 2309.12288) load as they are.
public enum QuestionFile {
  /// The longest name of a split, in characters and in bytes: names of files are made of it.
  static let longestSplit = 60
  static let maxBytesOfSplit = 180

  private struct Line: Decodable {
    let prompt: String
    let choices: [String]?
    /// The number of a choice; decoded as any number, so that one that is not whole can be told.
    let answer: Double?
    let completion, split: String?
    let fact: Label?

    func question(defaultSplit: Split) throws -> UserQuestion {
      let (prompt, space) = prompt.splitAtTrailingSpace
      guard !prompt.isEmpty else { throw LineProblem("has an empty \"prompt\"; say what is asked") }
      let split = try self.split.map { name in
        guard let split = Split(own: name) else {
          throw LineProblem(
            "has the split \"\(name)\"; a split is a name of 1 to \(QuestionFile.longestSplit) "
              + "characters and at most \(QuestionFile.maxBytesOfSplit) bytes on one line")
        }
        return split
      }
      func continuation(_ text: String, _ key: String) throws -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
          throw LineProblem("has an empty \(key)")
        }
        return text.following(prompt, space: space)
      }
      let ready: (choices: [String]?, completion: String)
      switch (choices, completion) {
      case (let choices?, nil):
        let texts = try choices.map { try continuation($0, "choice") }
        guard texts.count > 1 else {
          throw LineProblem(
            "has \(texts.count) choice\(texts.count == 1 ? "" : "s"); give two or more, or a "
              + "\"completion\" and no choices")
        }
        if let twice = texts.indices.first(where: { texts[..<$0].contains(texts[$0]) }) {
          throw LineProblem("has the choice \"\(choices[twice])\" twice; leave one out")
        }
        guard let answer else {
          throw LineProblem("lacks \"answer\", the number of the right choice, counted from 0")
        }
        guard let answer = Int(exactly: answer), texts.indices.contains(answer) else {
          throw LineProblem(
            "has the answer \(answer.formatted), but its choices are numbered 0 to "
              + "\(texts.count - 1)")
        }
        ready = (texts, texts[answer])
      case (nil, let completion?):
        guard answer == nil else {
          throw LineProblem("has an \"answer\" but no \"choices\"; add them, or leave it out")
        }
        ready = (nil, try continuation(completion, "\"completion\""))
      case (_?, _?): throw LineProblem("has \"choices\" and a \"completion\"; leave one out")
      case (nil, nil): throw LineProblem("has neither \"choices\" nor a \"completion\"; add one")
      }
      return UserQuestion(
        prompt: prompt, choices: ready.choices, completion: ready.completion,
        split: split ?? defaultSplit,
        fact: fact?.text ?? (ready.choices == nil ? ready.completion : prompt))
    }
  }

  /// A string or a whole number.
  private struct Label: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self) {
        text = String(number)
      } else {
        text = try value.decode(String.self)
      }
    }
  }

  /// The questions in the order of the file.
  ///
  /// - Parameter split: that of lines which name none; the file's name without its extension where nil.
  /// - Throws: `LineError` naming the file and the line; also where there is no question.
  public static func read(_ url: URL, split: Split? = nil) throws -> [UserQuestion] {
    let name = url.deletingPathExtension().lastPathComponent
    let split = split ?? Split(own: name) ?? .trained
    let questions = try JSONLines.read(url, as: Line.self) {
      try $0.question(defaultSplit: split)
    }
    guard !questions.isEmpty else {
      throw LineError(
        url,
        "holds no question; each line is {\"prompt\": …, \"choices\": […], \"answer\": 0} or "
          + "{\"prompt\": …, \"completion\": …}")
    }
    return questions
  }
}

extension Split {
  /// A split by a name that a user chose; nil where tables and files could not hold it.
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
  /// Without ".0" at its end.
  fileprivate var formatted: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}

extension String {
  /// The text without the white space at its end, and that white space.
  fileprivate var splitAtTrailingSpace: (text: String, space: String) {
    let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? startIndex
    return (String(self[..<end]), String(self[end...]))
  }

  /// The text as it goes on after a prompt: with the white space that stood between the two, or with a
  /// space where there was none and a word begins.
  fileprivate func following(_ prompt: String, space: String) -> String {
    guard space.isEmpty else { return space + drop(while: \.isWhitespace) }
    guard let first = unicodeScalars.first, !first.properties.isWhitespace else { return self }
    let isWord =
      first.properties.isAlphabetic || first.properties.numericType != nil
      || "\"“‘«([$€£".unicodeScalars.contains(first)
    // Chinese and Japanese are written without spaces.
    let isSpaced =
      !first.properties.isIdeographic && !(0x3040...0x30FF).contains(first.value)
    return isWord && isSpaced ? " " + self : self
  }
}
