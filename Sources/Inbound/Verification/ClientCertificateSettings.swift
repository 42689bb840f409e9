import Crypto

/// Whose client certificates an endpoint takes. A pin of either kind holds; where subjects are named too, one of them
/// has to hold beside it.
public struct ClientCertificateSettings: Sendable {
  /// SHA-256 of certificates in DER: hexadecimal in either case, with a colon between two octets or without.
  public var certificates: [String]
  /// SHA-256 of their public keys, written alike.
  public var keys: [String]
  /// `CertificateName`s.
  public var subjects: [String]

  public init(certificates: [String] = [], keys: [String] = [], subjects: [String] = []) {
    self.certificates = certificates
    self.keys = keys
    self.subjects = subjects
  }

  /// What is counted: the pins, or the subjects where there are no pins.
  var names: [String] {
    let pins =
      certificates.map { "sha256:\(Self.plain($0))" } + keys.map { "spki-sha256:\(Self.plain($0))" }
    return pins.isEmpty ? subjects : pins
  }

  /// One way to write a pin, so that its count outlives another way.
  private static func plain(_ pin: String) -> String { (try? CertificatePin.read(pin)).map(Hex.encode) ?? pin }
}

enum CertificatePin {
  /// The digest; what is wrong with it otherwise, as the end of a sentence.
  static func read(_ text: String) throws(SettingsProblem) -> [UInt8] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let isSpaced = parts.count > 1 && parts.allSatisfy { $0.utf8.count == 2 }
    guard let digest = Hex.decode(isSpaced ? parts.joined() : text) else {
      throw SettingsProblem([], "`\(text)` is not hexadecimal")
    }
    guard digest.count == Digest.sha256.length else {
      let hint = digest.count == 20 ? ": this is SHA-1" : ""
      throw SettingsProblem([], "`\(text)` has \(digest.count) octets, and SHA-256 has \(Digest.sha256.length)\(hint)")
    }
    return digest
  }
}

/// Whom a certificate is for, as the configuration says it: by its prefix, one name among others; without one, the whole
/// subject.
///
///     DNS:proxy.salesforce.com   URI:spiffe://example.com/crm   email:crm@example.com     a subject alternative name
///     CN:proxy.salesforce.com                                                             the only common name
///     CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US                                    the whole subject (RFC 4514)
enum CertificateName: Hashable, Sendable {
  case alternative(String)
  case commonName(String)
  case subject(DistinguishedName)

  private static let prefixes = ["DNS:", "URI:", "email:"]

  init(_ text: String) throws(SettingsProblem) {
    if let name = text.after("CN:") {
      self = .commonName(name)
    } else if Self.prefixes.contains(where: { text.after($0) != nil }) {
      guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw SettingsProblem([], "`\(text)` has characters that such names do not have")
      }
      guard !text.contains("*") else { throw SettingsProblem([], "`\(text)`: names are compared whole, without `*`") }
      self = .alternative(Self.plain(text))
    } else {
      self = .subject(try Self.wholeSubject(text))
    }
  }

  private static func wholeSubject(_ text: String) throws(SettingsProblem) -> DistinguishedName {
    let name: DistinguishedName
    do throws(DistinguishedName.Malformed) {
      name = try DistinguishedName(text)
    } catch {
      throw SettingsProblem([], "`\(text)`: \(error.description); \(grammar)")
    }
    if name.isEmpty { throw SettingsProblem([], "an empty name is nobody's; \(grammar)") }
    if let common = name.commonNameAlone {
      throw SettingsProblem(
        [],
        "`\(text)` may mean the common name, whatever else the subject holds, or a subject that holds nothing else: say "
          + "`CN:\(common)` for the former, or pin the certificate with sha256")
    }
    return name
  }

  private static let grammar =
    "expected `DNS:`, `URI:`, `email:` or `CN:` and a name, or the whole subject as RFC 4514 writes it, such as "
    + #"`CN=proxy.salesforce.com,O=Salesforce\, Inc.,C=US`"#

  func names(_ certificate: Certificate) -> Bool {
    switch self {
    case .alternative(let name): certificate.subjectAlternativeNames.contains { Self.plain($0) == name }
    case .commonName(let name): certificate.commonName == name
    case .subject(let name): (try? DistinguishedName(certificate.subject)) == name
    }
  }

  /// A host's name is the same in either case, others are not.
  private static func plain(_ name: String) -> String {
    name.hasPrefix("DNS:") ? "DNS:" + name.dropFirst(4).lowercased() : name
  }
}

extension String {
  /// What follows a prefix; nil where that is nothing.
  fileprivate func after(_ prefix: String) -> String? {
    hasPrefix(prefix) && utf8.count > prefix.utf8.count ? String(dropFirst(prefix.count)) : nil
  }
}
