import Foundation
import Support
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  struct Interruption: Error {}

  @Test func `replaces a file and leaves nothing else`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.json")
      try AtomicFile.write(Data("old".utf8), to: file)
      try AtomicFile.write(Data("new".utf8), to: file)
      #expect(try Data(contentsOf: file) == Data("new".utf8))
      #expect(try names(in: folder) == ["a.json"])
    }
  }

  @Test func `keeps the old file when writing fails`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.json")
      try AtomicFile.write(Data("old".utf8), to: file)
      #expect(throws: Interruption.self) {
        try AtomicFile.write(to: file) { output in
          try output.write(Data("half".utf8))
          throw Interruption()
        }
      }
      #expect(try Data(contentsOf: file) == Data("old".utf8))
      #expect(try names(in: folder) == ["a.json"])
    }
  }

  @Test func `says why a file cannot be written`() throws {
    try withTemporaryFolder { folder in
      let missing = folder.appendingPathComponent("missing/a.json")
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write(Data(), to: missing)
      }
      #expect(error?.description.contains("No such file or directory") == true)
      #expect(error?.path == missing.path)
      #expect(throws: FileError.self) { try AtomicFile.write(Data(), to: folder) }
      #expect(throws: FileError.self) {
        try AtomicFile.write(Data(), to: URL(fileURLWithPath: "/dev/null"))
      }
      let left = try names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func `follows a symbolic link`() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.json")
      let link = folder.appendingPathComponent("link.json")
      try AtomicFile.write(Data("old".utf8), to: file)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      try AtomicFile.write(Data("new".utf8), to: link)
      #expect(try Data(contentsOf: file) == Data("new".utf8))
      #expect(AtomicFile.kind(of: link) == S_IFLNK)
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `names a full disk`() throws {
    let file = try OutputFile(opening: URL(fileURLWithPath: "/dev/full"))
    let error = #expect(throws: FileError.self) { try file.write(Data("bytes".utf8)) }
    #expect(error?.description.contains("No space left on device; free some space") == true)
  }

  @Test func `writes a folder with its parents`() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("runs/one")
      try AtomicFile.writeFolder(at: target) { inside in
        try AtomicFile.write(Data("1".utf8), to: inside.appendingPathComponent("step"))
        try FileManager.default.createDirectory(
          at: inside.appendingPathComponent("deep"), withIntermediateDirectories: true)
      }
      #expect(try names(in: target) == ["deep", "step"])
      #expect(try names(in: folder.appendingPathComponent("runs")) == ["one"])
      #expect(throws: FileError.self) { try AtomicFile.writeFolder(at: target) { _ in } }
    }
  }

  @Test func `replaces a folder wholly`() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("model")
      for name in ["old", "new"] {
        try AtomicFile.writeFolder(at: target, replacing: true) { inside in
          try AtomicFile.write(Data(), to: inside.appendingPathComponent(name))
        }
      }
      #expect(try names(in: target) == ["new"])
      #expect(try names(in: folder) == ["model"])
      #expect(throws: Interruption.self) {
        try AtomicFile.writeFolder(at: target, replacing: true) { _ in throw Interruption() }
      }
      #expect(try names(in: target) == ["new"])
      #expect(try names(in: folder) == ["model"])
    }
  }

  @Test func `restores the old folder when the new one cannot take its place`() throws {
    try withTemporaryFolder { folder in
      let target = folder.appendingPathComponent("model")
      try AtomicFile.writeFolder(at: target) { inside in
        try AtomicFile.write(Data(), to: inside.appendingPathComponent("old"))
      }
      #expect(throws: FileError.self) {
        try AtomicFile.replace(target, by: folder.appendingPathComponent("vanished"))
      }
      #expect(try names(in: target) == ["old"])
      #expect(try names(in: folder) == ["model"])
    }
  }

  @Test func `checks a destination before the work`() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.checkWritable(folder.appendingPathComponent("runs/deep/one"))
      let file = folder.appendingPathComponent("file")
      try AtomicFile.write(Data(), to: file)
      #expect(throws: FileError.self) {
        try AtomicFile.checkWritable(file.appendingPathComponent("below"))
      }
      #expect(throws: FileError.self) { try AtomicFile.writeFolder(at: file) { _ in } }
      #expect(try names(in: folder) == ["file"])
    }
  }
}
