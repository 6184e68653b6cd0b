import Foundation
import Testing

@testable import Corpora

@Suite struct DatasetTests {
  @Test func `a dataset is its name in files`() throws {
    let some = [Dataset.reversal, .celebrities]
    let data = try JSONEncoder().encode(some)
    #expect(String(decoding: data, as: UTF8.self) == #"["reversal","celebrities"]"#)
    #expect(try JSONDecoder().decode([Dataset].self, from: data) == some)
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Dataset].self, from: Data(#"["reversals"]"#.utf8))
    }
    #expect("\(try #require(error))".contains("reversals"))
  }

  @Test(arguments: Dataset.all)
  func `a dataset says what it is`(dataset: Dataset) {
    #expect(Dataset(named: dataset.name) == dataset)
    #expect(Dataset.all.filter { $0.name == dataset.name }.count == 1)
    #expect(dataset.name != "documents")
    // The name is an option and part of files' names.
    #expect(dataset.name.allSatisfy { ("a"..."z").contains($0) || $0 == "-" })
    #expect(!dataset.summary.isEmpty)
    #expect(dataset.help.first?.isUppercase == true && !dataset.help.contains(".."))
    #expect(Set(dataset.claims.map(\.sentence)).count == dataset.claims.count)
  }

  /// Results and recipes name them.
  @Test func `the first datasets keep their names and order`() {
    #expect(
      Dataset.all.map(\.name)
        .starts(with: ["reversal", "syllogism", "hierarchy", "family", "celebrities"]))
  }

  @Test func `sizes and chances are put in words`() {
    #expect(Dataset.family.counted(1) == "1 family")
    #expect(Dataset.celebrities.counted(2) == "2 people")
    #expect(Dataset.family.help.hasSuffix("deduced."))
    #expect(Dataset.celebrities.help.hasSuffix("yomp troff.\""))
    #expect(Dataset.chances == "1/2 for reversal, 1/6 for syllogism and 1/4 for the others")
  }
}
