import Corpora
import Foundation
import Testing

@Suite struct SplitTests {
  @Test func `a split is its name in files`() throws {
    let data = try JSONEncoder().encode([Split.reversed, Split(rawValue: "who owns it")])
    #expect(String(decoding: data, as: UTF8.self) == #"["reversed","who owns it"]"#)
    #expect(
      try JSONDecoder().decode([Split].self, from: data) == [
        .reversed, Split(rawValue: "who owns it"),
      ])
  }

  @Test func `the datasets' splits come first, others in order of appearance`() {
    let (b, a) = (Split(rawValue: "b"), Split(rawValue: "a"))
    #expect(Split.ordered([b, .reversed, a, .trained, b]) == [.trained, .reversed, b, a])
    #expect(Split.ordered(Split.allCases.reversed()) == Split.allCases)
  }

  @Test(arguments: [
    "", " ", "\n", "a\tb", "a\u{0}", String(repeating: "x", count: 61),
    String(repeating: "👩‍🔬", count: 20),
  ])
  func `a name that no table can contain is refused`(name: String) {
    #expect(Split(own: name) == nil)
  }

  @Test(arguments: [
    "reversed", "who owns it", "é ü", String(repeating: "x", count: 60),
    String(repeating: "名", count: 60),
  ])
  func `a name is kept`(name: String) { #expect(Split(own: name)?.rawValue == name) }
}
