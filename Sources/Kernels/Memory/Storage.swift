import Foundation
import Support

/// The owner of a block of floats, aligned to cache lines and zeroed.
///
/// Views of it (`Floats`, `Matrix`) are plain pointers and counts, so that passing them costs no
/// reference counting; whoever makes a view keeps its owner alive.
public struct FloatStorage: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutablePointer<Float>
  public let count: Int
  /// 0 of a block of the C library's.
  private let mappedBytes: Int

  /// Where the system does not give the memory, the process ends with status 1 and a message: no caller
  /// could do better without memory.
  ///
  /// - Precondition: `count >= 0`.
  public init(count: Int) {
    precondition(count >= 0, "a storage of \(count) floats was asked for")
    let needed = max(min(count, Self.most), 1) * MemoryLayout<Float>.stride
    let alignment = needed >= Self.largePage ? Self.largePage : 64
    let bytes = (needed + alignment - 1) / alignment * alignment
    guard count <= Self.most,
      let memory = alignment == 64 ? aligned_alloc(alignment, bytes) : Self.map(bytes)
    else { Self.endForLackOfMemory(bytes) }
    if alignment == 64 { memset(memory, 0, bytes) }
    mappedBytes = alignment == 64 ? 0 : bytes
    base = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
  }

  deinit {
    if mappedBytes > 0 { munmap(base, mappedBytes) } else { free(base) }
  }

  /// Zeroed memory from the system itself: what the C library is given back it keeps, and between blocks of many
  /// sizes, taken and freed by several threads, ever more of that fits nothing. On large pages where the system has
  /// them: that many small ones are more than the processor can find its way in without looking them up again and
  /// again.
  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard
      let start = mmap(
        nil, bytes + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      start != MAP_FAILED
    else { return nil }
    // What lies before and behind the aligned part goes back.
    let before = -Int(bitPattern: start) & (largePage - 1)
    if before > 0 { munmap(start, before) }
    munmap(start + before + bytes, largePage - before)
    #if os(Linux)
      madvise(start + before, bytes, MADV_HUGEPAGE)
    #endif
    return start + before
  }

  private static var largePage: Int { 2 << 20 }
  /// More than any machine has.
  private static var most: Int { 1 << 50 }

  static func endForLackOfMemory(
    _ bytes: Int,
    mend: String = "take a smaller model or shorter rows, or raise the limit (ulimit -v)"
  ) -> Never {
    StandardStreams.report(
      "Error: not enough memory: \(bytes >> 20) MB more were asked for; \(mend)\n")
    // Not exit(): OpenBLAS ends its own threads there, which may be waiting for memory.
    _exit(1)
  }

  /// All of it.
  public var floats: Floats { Floats(base: base, count: count) }
}

/// A view of contiguous floats: a pointer and a count.
public struct Floats: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  public let count: Int

  @inline(always) init(base: UnsafeMutablePointer<Float>, count: Int) {
    self.base = base
    self.count = count
  }

  public subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count)
      return base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      base[index] = newValue
    }
  }

  /// The view of `count` floats from `offset`.
  public func slice(_ offset: Int, _ count: Int) -> Floats {
    precondition(offset >= 0 && count >= 0 && offset <= self.count - count)
    return Floats(base: base + offset, count: count)
  }

  /// The view of `rows` × `columns` floats from `offset`, row-major.
  public func matrix(_ offset: Int = 0, rows: Int, columns: Int) -> Matrix {
    let part = slice(offset, rows * columns)
    return Matrix(base: part.base, rows: rows, columns: columns, stride: columns)
  }

  public func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// Copies from another view of the same count.
  public func copy(from other: Floats) {
    precondition(other.count == count)
    memmove(base, other.base, count * MemoryLayout<Float>.stride)
  }

  public func copy(from values: [Float]) {
    precondition(values.count == count)
    for (index, value) in values.enumerated() { base[index] = value }
  }

  public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Lets `body` read the floats as bytes, in the machine's order (little-endian on all we run on).
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try body(UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Float>.stride))
  }

  /// Lets `body` write the floats as bytes.
  public func withMutableBytes<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeMutableRawBufferPointer(start: base, count: count * MemoryLayout<Float>.stride))
  }

  /// Whether no float is infinite or not a number.
  public var isFinite: Bool {
    for index in 0..<count where !base[index].isFinite { return false }
    return true
  }
}

/// A view of a row-major matrix whose rows lie `stride` floats apart.
public struct Matrix: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  public let rows: Int
  public let columns: Int
  public let stride: Int

  @inline(always) init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      return base[row * stride + column]
    }
    nonmutating set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns)
      base[row * stride + column] = newValue
    }
  }

  /// Where an element is.
  @inline(always) func place(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
    base + (row &* stride &+ column)
  }

  /// Row `index` as a vector.
  public func row(_ index: Int) -> Floats {
    precondition(index >= 0 && index < rows)
    return Floats(base: base + index * stride, count: columns)
  }

  /// `count` rows from `first`.
  public func rows(_ first: Int, _ count: Int) -> Matrix {
    precondition(first >= 0 && count >= 0 && first <= rows - count)
    return Matrix(base: base + first * stride, rows: count, columns: columns, stride: stride)
  }

  /// `count` columns from `first`.
  public func columns(_ first: Int, _ count: Int) -> Matrix {
    precondition(first >= 0 && count >= 0 && first <= columns - count)
    return Matrix(base: base + first, rows: rows, columns: count, stride: stride)
  }

  /// Whether the rows follow each other without gaps.
  var isContiguous: Bool { stride == columns || rows <= 1 }

  /// The same floats as one vector.
  ///
  /// - Precondition: the rows are contiguous.
  public var floats: Floats {
    precondition(isContiguous)
    return Floats(base: base, count: rows * columns)
  }
}

/// Hands out parts of a block of floats one after another, each aligned to a cache line.
///
/// An arena without floats counts what would be needed, so that one piece of code both measures and
/// lays out.
public struct Arena {
  private let floats: Floats?
  /// Floats handed out so far.
  public private(set) var count = 0

  public init(_ floats: Floats? = nil) { self.floats = floats }

  public mutating func vector(_ count: Int) -> Floats {
    defer { self.count += (count + 15) / 16 * 16 }
    return floats?.slice(self.count, count) ?? Floats(base: Self.nowhere, count: count)
  }

  public mutating func matrix(rows: Int, columns: Int) -> Matrix {
    let part = vector(rows * columns)
    return Matrix(base: part.base, rows: rows, columns: columns, stride: columns)
  }

  /// Where the views of a counting arena point; nobody reads or writes through them.
  nonisolated(unsafe) private static let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 1)
}
