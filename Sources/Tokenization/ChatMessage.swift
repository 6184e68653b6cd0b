/// One message of a conversation with a model.
public struct ChatMessage: Codable, Hashable, Sendable {
  public enum Role: String, Codable, Sendable {
    case system, user, assistant
  }

  public var role: Role
  public var content: String

  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }

  /// Checks that a conversation can be answered: an optional system message, then messages of user
  /// and assistant in turn, the last one of the user.
  ///
  /// - Throws: `TokenizerError` saying which message is out of order.
  public static func check(_ messages: [ChatMessage]) throws {
    let turns = messages.drop { $0.role == .system }
    guard messages.count - turns.count <= 1 else {
      throw TokenizerError("a conversation has only one system message")
    }
    for (index, message) in turns.enumerated() {
      let expected: Role = index % 2 == 0 ? .user : .assistant
      guard message.role == expected else {
        throw TokenizerError(
          "message \(messages.count - turns.count + index + 1) of the conversation is of the "
            + "\(message.role.rawValue), where one of the \(expected.rawValue) is due")
      }
    }
    guard turns.last?.role == .user else {
      throw TokenizerError("a conversation to be answered ends with a message of the user")
    }
  }
}
