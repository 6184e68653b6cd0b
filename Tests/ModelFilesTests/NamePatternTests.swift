import Testing
import Transformer

@testable import ModelFiles

/// Patterns against what Python's `re.fullmatch` says of them.
struct NamePatternTests {
  private static let name = "model.layers.11.self_attn.q_proj"

  @Test(arguments: [
    (#".*self_attn\.(q|v)_proj"#, true), (#".*self_attn\.(k|v)_proj"#, false),
    (#"q_proj"#, false), (#".*q_proj$"#, true), (#"^model\.layers\.\d+\..*"#, true),
    (#"model\.layers\.\d\..*"#, false), (#"model\.layers\.\d{2}\..*"#, true),
    (#"model\.layers\.[0-9]{1,}\.\w+\.[^k]_proj"#, true), (#"model\.layers\.1{3}.*"#, false),
    (#"(?!.*vision).*_proj"#, true), (#"(?!.*self).*_proj"#, false), (#"(?=model).*"#, true),
    (#"(?:.*?(?:vision|layers).*?(?:q_proj|k_proj).*?)"#, true), (#".*\bself_attn\b.*"#, true),
    (#".*\battn\b.*"#, false), (#"(a*)*b"#, false), (#"(.*)*(.*)*(.*)*(.*)*x"#, false),
    (#"[a-z]+\.[a-z]+\.[\d]+\.[a-z_]+\.[a-z_]+"#, true), (#"[^.]+"#, false), (#"(.+){5}"#, true),
    (#".*(1|2)1\..*"#, true), (#"(?P<a>model).*"#, true), (#".*\Bayers.*"#, true), ("", false),
    (#"model.layers.11.self_attn.q_proj"#, true), (#".{3,4}"#, false), (#".{32}"#, true),
    (#".*[]q]_proj"#, true), (#".*[\w.]x?"#, true),
  ])
  func `a pattern matches as Python's re does`(pattern: String, matches: Bool) throws {
    #expect(try NamePattern(pattern).matchesWhole(Self.name) == matches)
  }

  @Test(arguments: [
    ("q_proj", true), ("proj", false), ("self_attn.q_proj", true), ("attn.q_proj", false),
    (#"layers\.11\..*"#, true), ("(q|v)_proj", true), ("(_proj|roj)", false),
    ("^model.layers.11.self_attn.q_proj", true), ("^self_attn.q_proj", false),
    (name, true), ("x." + name, false),
  ])
  func `a name's end matches as in PEFT's get_pattern_key`(pattern: String, matches: Bool) throws {
    #expect(try NamePattern(pattern).matchesEnd(Self.name) == matches)
  }

  @Test(arguments: [
    "(", ")", "a)(", "[a", "*", "a**", "a{3,2}", "a{1001}", #"\1"#, #"\"#, "(?i)a", "(?<=a)b",
    "[z-a]", "(?P<a", "^*", String(repeating: "(", count: 60), "(?", #"[\"#, #"[a-\"#,
  ])
  func `a pattern that cannot be read is refused`(pattern: String) {
    #expect(throws: ConfigurationError.self) { try NamePattern(pattern) }
  }

  @Test func `a pattern that takes too long is refused`() throws {
    var pattern = "x"
    for _ in 0..<5 { pattern = "(?=.*\(pattern))" }
    let slow = try NamePattern(pattern)
    #expect(throws: ConfigurationError.self) {
      _ = try slow.matchesWhole(String(repeating: "ab", count: 100))
    }
  }
}
