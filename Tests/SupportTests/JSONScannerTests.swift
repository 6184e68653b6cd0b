import Foundation
import Support
import Testing

@Suite struct JSONScannerTests {
  @Test(arguments: [
    "{}", " [ ] ", "0", "-0", "-0.5e+10", "1E-3", "123456789012345678901234567890", "true",
    "\"\"", #"{"a":[1,{"b":null}],"c":{"b":false}}"#, #""\u00e9\ud83d\ude00\n\"\\\/""#,
  ])
  func `JSON is accepted`(text: String) throws {
    try JSONScanner.check(Array(text.utf8))
    // Foundation agrees.
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "{\"a\":1 \"b\":2}", "[1 2]",
    "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10", "NaN", "Infinity", "nul", "True", "'a'",
    "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", #""\ud800""#, #""\udc00""#,
    #""\ud800\u0041""#, #""\ud800x""#, "\"a\nb\"", "\"\u{1}\"", "{}{}", "1 2", "\u{FEFF}{}", "\0",
  ])
  func `text that is not JSON is refused with its position`(text: String) {
    let failure = #expect(throws: JSONScanner.Failure.self) {
      try JSONScanner.check(Array(text.utf8))
    }
    #expect(failure?.description.hasPrefix("byte ") == true)
  }

  @Test(arguments: [
    #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"k":1,"l":2,"k":3}}]"#,
  ])
  func `a key that comes twice is refused by its name`(text: String) {
    let failure = #expect(throws: JSONScanner.Failure.self) {
      try JSONScanner.check(Array(text.utf8))
    }
    #expect(failure?.reason.contains("twice") == true)
  }

  @Test func `nesting is bounded, and so is the stack`() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func text(_ depth: Int) -> [UInt8] {
        Array(
          (String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
            .utf8)
      }
      try JSONScanner.check(text(JSONScanner.maxDepth - 1))
      for depth in [JSONScanner.maxDepth, 1_000_000] {
        let failure = #expect(throws: JSONScanner.Failure.self) {
          try JSONScanner.check(text(depth))
        }
        #expect(failure?.reason.contains("nested deeper") == true)
      }
    }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0x22, 0xE2, 0x82, 0x22],
    ] as [[UInt8]])
  func `text that is not UTF-8 is refused`(bytes: [UInt8]) {
    let failure = #expect(throws: JSONScanner.Failure.self) { try JSONScanner.check(bytes) }
    #expect(failure?.reason.contains("UTF-8") == true)
  }

  @Test func `strings are read as Foundation reads them`() throws {
    for text in [
      "plain", "é", #"\u00e9"#, #"\ud83d\ude00!"#, #"\b\f\n\r\t\/\\\""#, #"\u0000"#, #"\uFFFF"#,
    ] {
      let quoted = "\"\(text)\""
      var scanner = JSONScanner(Array(quoted.utf8))
      #expect(
        try scanner.string() == JSONDecoder().decode(String.self, from: Data(quoted.utf8)))
      try scanner.end()
    }
  }
}
