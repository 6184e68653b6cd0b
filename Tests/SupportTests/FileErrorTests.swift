import Foundation
import Testing

@testable import Support

@Suite struct FileErrorTests {
  @Test(arguments: [EACCES, EPERM, EMFILE, ENFILE, ENOMEM])
  func `a file that this process may not read may be whole`(code: Int32) {
    #expect(FileError.system(URL(fileURLWithPath: "/a"), "open", code: code).isOfThisProcess)
  }

  @Test(arguments: [ENOENT, EIO, EISDIR])
  func `a file that cannot be read at all is damaged`(code: Int32) {
    #expect(!FileError.system(URL(fileURLWithPath: "/a"), "open", code: code).isOfThisProcess)
    #expect(!FileError(URL(fileURLWithPath: "/a"), "is damaged").isOfThisProcess)
  }
}
