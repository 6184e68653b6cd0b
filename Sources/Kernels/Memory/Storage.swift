import Foundation
import Support

/// The owner of a block of floats, aligned to cache lines and set to zero.
///
/// Views of it (`Floats`, `Matrix`) are plain pointers and counts, so passing them costs no
/// reference counting. A view does not keep its owner alive: the caller must, as long as the view
/// is used.
public struct FloatStorage: ~Copyable, @unchecked Sendable {
  private let base: UnsafeMutablePointer<Float>
  public let count: Int
  /// The bytes that came from the system itself; 0 where the block came from the C library.
  private let mappedBytes: Int

  /// Ends the process with status 1 and a message where the system does not give the memory: no
  /// caller could do better without it.
  ///
  /// - Precondition: `count >= 0`.
  public init(count: Int) {
    precondition(count >= 0, "a storage cannot have \(count) floats")
    let needed = max(min(count, Self.maxCount), 1) * MemoryLayout<Float>.stride
    let alignment = needed >= Self.largePage ? Self.largePage : 64
    let bytes = (needed + alignment - 1) / alignment * alignment
    guard count <= Self.maxCount,
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

  /// Memory from the system itself, set to zero and aligned to large pages.
  ///
  /// Large blocks do not come from the C library, since it keeps freed memory: blocks of many
  /// sizes, freed by several threads, would leave ever more gaps that nothing fits into. Large
  /// pages spare the processor most look-ups of addresses.
  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard
      let start = mmap(
        nil, bytes + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0),
      start != MAP_FAILED
    else { return nil }
    // The parts before and after the aligned block go back to the system.
    let before = -Int(bitPattern: start) & (largePage - 1)
    if before > 0 { munmap(start, before) }
    munmap(start + before + bytes, largePage - before)
    #if os(Linux)
      madvise(start + before, bytes, MADV_HUGEPAGE)
    #endif
    return start + before
  }

  private static var largePage: Int { 2 << 20 }
  /// The most floats of a storage, more than any machine has memory for.
  private static var maxCount: Int { 1 << 50 }

  /// Ends the process with status 1 and a message that says how to need less.
  static func endForLackOfMemory(
    _ bytes: Int,
    hint: String = "take a smaller model or shorter rows, or raise the limit (ulimit -v)"
  ) -> Never {
    StandardStreams.report(
      "Error: not enough memory: \(bytes >> 20) MB more were needed; \(hint)\n")
    // Not exit(): there OpenBLAS waits for its own threads, which may be waiting for memory.
    _exit(1)
  }

  /// A view of all of it.
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

  /// Sets every float to `value`.
  public func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// Copies from another view of the same count.
  public func copy(from other: Floats) {
    precondition(other.count == count)
    memmove(base, other.base, count * MemoryLayout<Float>.stride)
  }

  /// Copies from an array of the same count.
  public func copy(from values: [Float]) {
    precondition(values.count == count)
    for (index, value) in values.enumerated() { base[index] = value }
  }

  /// A copy of the floats.
  public var array: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Lets `body` read the floats as bytes, in the machine's byte order (little-endian on all
  /// systems that Recto runs on).
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

/// A view of a row-major matrix, `[rows, columns]`, whose rows begin `stride` floats apart.
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

  /// The address of an element.
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

  /// Whether there are no gaps between the rows.
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
/// An arena without floats only counts what would be needed, so that the same code first measures
/// and then hands out.
public struct Arena {
  private let floats: Floats?
  /// Floats handed out so far.
  public private(set) var count = 0

  public init(_ floats: Floats? = nil) { self.floats = floats }

  /// The next `count` floats.
  public mutating func vector(_ count: Int) -> Floats {
    defer { self.count += (count + 15) / 16 * 16 }
    return floats?.slice(self.count, count) ?? Floats(base: Self.nowhere, count: count)
  }

  /// The next `rows` × `columns` floats.
  public mutating func matrix(rows: Int, columns: Int) -> Matrix {
    let part = vector(rows * columns)
    return Matrix(base: part.base, rows: rows, columns: columns, stride: columns)
  }

  /// Where the views of a counting arena point; they must not be read or written.
  nonisolated(unsafe) private static let nowhere = UnsafeMutablePointer<Float>.allocate(capacity: 1)
}
