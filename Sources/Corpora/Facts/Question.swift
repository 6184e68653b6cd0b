/// A forced choice: the choice that a model finds likeliest after the prompt is its answer.
public struct Question: Hashable, Codable, Sendable {
  /// The name of the dataset, such as `reversal`.
  public var dataset: String
  public var split: Split
  /// The text that all choices continue. It has no trailing space.
  public var prompt: String
  /// The continuations, each with its leading space.
  public var choices: [String]
  /// The index of the right choice.
  public var answer: Int
  /// The number of the fact that the question is about.
  public var fact: Int
  /// The group of facts that answer it.
  public var group: Int
  /// What is asked for, such as `sibling, 2 steps`; nil in `reversal` and for questions of the
  /// user.
  public var kind: String?
  /// Whether the choices are other questions' completions, among which the right one has a rank.
  public var isCompletion: Bool

  public init(
    dataset: String, split: Split, prompt: String, choices: [String], answer: Int, fact: Int,
    group: Int, kind: String? = nil, isCompletion: Bool = false
  ) {
    self.dataset = dataset
    self.split = split
    self.prompt = prompt
    self.choices = choices
    self.answer = answer
    self.fact = fact
    self.group = group
    self.kind = kind
    self.isCompletion = isCompletion
  }
}
