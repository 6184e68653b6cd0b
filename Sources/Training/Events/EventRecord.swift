import Foundation

/// One record of a TensorBoard event file: a TFRecord that holds an `Event` message.
///
/// The framing follows tensorflow/core/lib/io/record_writer.h, the messages follow event.proto and
/// summary.proto; only the fields that scalars need are written.
enum EventRecord {
  /// The record that every event file begins with.
  static func version(at time: Double) -> [UInt8] {
    var event = Message()
    event.add(double: time, field: 1)
    event.add(bytes: Array("brain.Event:2".utf8), field: 3)
    return framed(event.bytes)
  }

  /// Scalars of one step.
  ///
  /// - Parameter time: seconds since 1970.
  static func scalars(
    _ values: [(tag: String, value: Double)], step: Int, at time: Double
  ) -> [UInt8] {
    var summary = Message()
    for (tag, value) in values {
      var scalar = Message()
      scalar.add(bytes: Array(tag.utf8), field: 1)
      scalar.add(float: Float(value), field: 2)
      summary.add(bytes: scalar.bytes, field: 1)
    }
    var event = Message()
    event.add(double: time, field: 1)
    event.add(varint: UInt64(step), field: 2)
    event.add(bytes: summary.bytes, field: 5)
    return framed(event.bytes)
  }

  /// Length, checksum of the length, data, checksum of the data; all numbers little-endian.
  static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A protocol-buffers message under construction.
  private struct Message {
    private(set) var bytes: [UInt8] = []

    mutating func add(varint: UInt64, field: Int) {
      key(field, type: 0)
      number(varint)
    }

    mutating func add(double: Double, field: Int) {
      key(field, type: 1)
      bytes += littleEndian(double.bitPattern)
    }

    mutating func add(bytes content: [UInt8], field: Int) {
      key(field, type: 2)
      number(UInt64(content.count))
      bytes += content
    }

    mutating func add(float: Float, field: Int) {
      key(field, type: 5)
      bytes += littleEndian(float.bitPattern)
    }

    private mutating func key(_ field: Int, type: Int) { number(UInt64(field << 3 | type)) }

    /// Appends a varint: seven bits per byte, the lowest first.
    private mutating func number(_ value: UInt64) {
      var rest = value
      while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }
}
