import Foundation
import TestSupport
import Testing

@testable import Support

@Suite struct InputFileTests {
  private func contents(_ text: String, limit: Int = 1 << 20) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data(text.utf8).write(to: file)
      bytes = try InputFile.contents(of: file, limit: limit)
    }
    return bytes
  }

  @Test func `a file is read whole, within its limit`() throws {
    #expect(try contents("") == [])
    #expect(try contents("four", limit: 4) == Array("four".utf8))
    #expect(throws: FileError.self) { try contents("fives", limit: 4) }
  }

  @Test func `a pointer of Git LFS is refused and explained`() throws {
    let pointer = """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 12345

      """
    let error = #expect(throws: FileError.self) { try contents(pointer) }
    #expect(error?.problem.hasSuffix("fetch it with: git lfs pull") == true)
    #expect(try contents(String(pointer.dropFirst())).count == pointer.utf8.count - 1)
    #expect(try contents(pointer + String(repeating: " ", count: 1024)).count > 1024)
  }
}
