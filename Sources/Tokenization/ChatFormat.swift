/// How a conversation is written as one text: what stands around a message of each role.
///
/// The formats are those of the chat templates that well-known models have. A template is a program
/// in Jinja, which is not run here: its format is recognised by its text, and what a template adds
/// of its own (a beginning, a default system message) is read from it (see ``Chat``).
public struct ChatFormat: Sendable, Equatable {
  /// What is done with a system message.
  enum SystemMessage: Sendable, Equatable {
    /// It is a message of its own.
    case message
    /// It stands before the first message of the user, with an empty line between them.
    case beforeUser
  }

  /// The name for `--chat-format`.
  public let name: String
  /// What stands before a message of each role.
  let system, user, assistant: String
  /// What stands after a message; `EOS` is the tokenizer's end of text.
  let end: String
  /// The token that ends an answer; `EOS` as above.
  let stop: String
  var systemMessage = SystemMessage.message
  /// Whether messages lose their white space at both ends.
  var trims = false
  /// Whether a conversation begins with the beginning-of-text token, where no template says so.
  var begins = false
  /// The spellings that have to be single tokens.
  let tokens: [String]
  /// What a template of this format holds, as `canonical` spells it, and what it does not hold.
  let signs, foreignSigns: [String]

  /// Every format; the first that a template's signs agree with is its format.
  public static let all: [ChatFormat] = [chatML, llama3, gemma, phi3, zephyr]

  /// The format of that name.
  public static func named(_ name: String) -> ChatFormat? { all.first { $0.name == name } }

  /// Qwen, SmolLM2-Instruct and many others.
  static let chatML = ChatFormat(
    name: "chatml", system: "<|im_start|>system\n", user: "<|im_start|>user\n",
    assistant: "<|im_start|>assistant\n", end: "<|im_end|>\n", stop: "<|im_end|>",
    tokens: ["<|im_start|>", "<|im_end|>"],
    signs: ["<|im_start|>'+message.role+'\\n", "<|im_end|>\\n", "<|im_start|>assistant\\n"],
    foreignSigns: ["<|im_sep|>", "## Metadata"])

  /// Llama 3 and later ones of its series.
  static let llama3 = ChatFormat(
    name: "llama3", system: "<|start_header_id|>system<|end_header_id|>\n\n",
    user: "<|start_header_id|>user<|end_header_id|>\n\n",
    assistant: "<|start_header_id|>assistant<|end_header_id|>\n\n", end: "<|eot_id|>",
    stop: "<|eot_id|>", trims: true, begins: true,
    tokens: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    signs: [
      "<|start_header_id|>'+message.role+'<|end_header_id|>\\n\\n'+message.content|trim",
      "<|start_header_id|>assistant<|end_header_id|>\\n\\n",
    ], foreignSigns: [])

  /// Gemma 1 to 3; the first two refuse a system message.
  static let gemma = ChatFormat(
    name: "gemma", system: "", user: "<start_of_turn>user\n", assistant: "<start_of_turn>model\n",
    end: "<end_of_turn>\n", stop: "<end_of_turn>", systemMessage: .beforeUser, trims: true,
    begins: true, tokens: ["<start_of_turn>", "<end_of_turn>"],
    signs: ["'<start_of_turn>'+role+'\\n", "<end_of_turn>\\n", "<start_of_turn>model\\n"],
    foreignSigns: [])

  /// Phi-3 and Phi-3.5 mini.
  static let phi3 = ChatFormat(
    name: "phi3", system: "<|system|>\n", user: "<|user|>\n", assistant: "<|assistant|>\n",
    end: "<|end|>\n", stop: "<|end|>", tokens: ["<|user|>", "<|assistant|>", "<|end|>"],
    signs: ["'<|user|>\\n'+message.content+'<|end|>\\n", "<|assistant|>\\n"], foreignSigns: [])

  /// Zephyr, StableLM Zephyr and TinyLlama-Chat.
  static let zephyr = ChatFormat(
    name: "zephyr", system: "<|system|>\n", user: "<|user|>\n", assistant: "<|assistant|>\n",
    end: "EOS\n", stop: "EOS", tokens: [],
    signs: ["'<|user|>\\n'+message.content+eos_token", "'<|assistant|>'"], foreignSigns: ["<|end|>"]
  )

  /// The format of a chat template; nil where it is none of these.
  static func recognised(_ template: String) -> ChatFormat? {
    let text = canonical(template)
    return all.first { format in
      format.signs.allSatisfy(text.contains) && !format.foreignSigns.contains(where: text.contains)
    }
  }

  /// A template in one of its many spellings: without white space outside of literals, with
  /// single quotes, line ends as `\n`, and neighbouring literals joined.
  static func canonical(_ template: String) -> String {
    var text = String.UnicodeScalarView()
    /// The quotation mark of the literal, inside one.
    var quote: Unicode.Scalar?
    var isBlock = false
    var isEscaped = false
    var last: Unicode.Scalar = " "
    for scalar in template.unicodeScalars {
      defer { last = scalar }
      if let mark = quote {
        if scalar == "\n" {
          text.append(contentsOf: "\\n".unicodeScalars)
        } else if scalar == mark, !isEscaped {
          text.append("'")
          quote = nil
        } else {
          if scalar == "'", !isEscaped { text.append("\\") }
          text.append(scalar)
        }
        isEscaped = scalar == "\\" && !isEscaped
        continue
      }
      if last == "{", scalar == "{" || scalar == "%" { isBlock = true }
      if scalar == "}", last == "}" || last == "%" { isBlock = false }
      if isBlock, scalar == "'" || scalar == "\"" {
        quote = scalar
        text.append("'")
      } else if !scalar.properties.isWhitespace {
        text.append(scalar)
      }
    }
    var result = String(text)
    for (spelling, plain) in [
      ("message['role']", "message.role"), ("message['content']", "message.content"), ("'+'", ""),
    ] {
      result = result.replacing(spelling, with: plain)
    }
    return result
  }
}
