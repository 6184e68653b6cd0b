import Corpora
import Tokenization

/// A text as tokens to learn from: the one way in which texts become tokens, for `train finetune`
/// and for the study.
///
/// The text is tokenised as a prompt is (`Tokenizer.prompt`), so that what is learned is what will
/// be read.
package struct EncodedDocument: Sendable {
  package let tokens: [Int32]
  /// The number of tokens at the beginning that have no loss: those of the frame, and those of the
  /// prompt where it is not learned.
  package let readCount: Int

  /// The tokens around a text.
  package enum Frame: Sendable {
    /// A whole document: the tokens that the tokenizer's template puts before a text, or else the
    /// end-of-text token; and the end-of-text token after it.
    case document
    /// A statement of the study: the template's tokens before it, as before its questions; nothing
    /// after it, since it does not end a text.
    case statement
  }

  /// - Parameters:
  ///   - prompt: what stands before the completion; empty where there is none.
  ///   - learnsPrompt: whether the prompt has a loss, as the completion does.
  package init(
    prompt: String = "", completion: String, _ tokenizer: Tokenizer, frame: Frame,
    learnsPrompt: Bool = true
  ) {
    let template = tokenizer.templatePrefix
    let start = template.isEmpty && frame == .document ? [tokenizer.endOfText] : template
    let read =
      start + (prompt.isEmpty ? [] : tokenizer.continuation(prompt, isFirst: true))
    let learned =
      prompt.isEmpty
      ? tokenizer.continuation(completion, isFirst: true) : tokenizer.choice(completion)
    tokens = read + learned + (frame == .document ? [tokenizer.endOfText] : [])
    readCount = learnsPrompt ? start.count : read.count
  }
}
