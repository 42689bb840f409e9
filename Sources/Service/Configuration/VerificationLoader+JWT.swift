import Crypto
import Flows
import Inbound
import JWT

extension VerificationLoader {
  func jwt(_ node: ConfigNode) -> Made<Verification>? {
    let known = [
      "keys", "algorithm", "audience", "issuer", "header", "scheme", "leeway", "max-lifetime", "body-hash", "reuse",
    ]
    guard let map = node.map(known: known, problems), let keys = keys(map) else { return nil }
    guard map.required("audience") != nil, let audiences = map.texts("audience") else { return nil }
    var bodyHash: JWTSettings.BodyHash?
    if let node = map["body-hash"] {
      bodyHash = self.bodyHash(node)
      if bodyHash == nil { return nil }
    }
    let (credential, issuer) = (credential(map), map.text("issuer"))
    let (leeway, lifetime) = (seconds(map, "leeway") ?? 60, seconds(map, "max-lifetime") ?? 600)
    let isReusable = map.bool("reuse") ?? false
    return { [bodyHash] environment in
      .jwt(
        JWTSettings(
          credential, keys: keys(environment), audiences: audiences, issuer: issuer, leeway: leeway,
          maxLifetime: lifetime, bodyHash: bodyHash, isReusable: isReusable))
    }
  }

  private func keys(_ map: ConfigMap) -> Made<[JWTSettings.Key]>? {
    let usual = algorithm(map)
    guard let nodes = map.required("keys")?.list(problems) else { return nil }
    if nodes.isEmpty { problems.report(map.place, "`keys` names no key") }
    let made = nodes.compactMap { key($0, usual) }
    guard made.count == nodes.count, !made.isEmpty else { return nil }
    return { environment in made.map { $0(environment) } }
  }

  /// `file:sender.pem`, or `{ key: file:sender.pem, id: KID, algorithm: ES256 }`.
  private func key(_ node: ConfigNode, _ usual: JWTAlgorithm?) -> Made<JWTSettings.Key>? {
    if node.scalar != nil {
      guard let source = settings.secret(node).map(source) else { return nil }
      return { JWTSettings.Key(source($0), algorithm: usual) }
    }
    guard let map = node.map(known: ["key", "id", "algorithm"], problems),
      let source = map.required("key").flatMap(settings.secret).map(source)
    else { return nil }
    let (id, algorithm) = (map.text("id"), algorithm(map) ?? usual)
    return { JWTSettings.Key(source($0), id: id, algorithm: algorithm) }
  }

  private func algorithm(_ map: ConfigMap) -> JWTAlgorithm? { word(map, "algorithm", JWTAlgorithm.self) }

  private func bodyHash(_ node: ConfigNode) -> JWTSettings.BodyHash? {
    guard let map = node.map(known: ["claim", "algorithm", "encoding"], problems),
      let claim = map.requiredText("claim")
    else { return nil }
    let digests = ["sha256", "sha384", "sha512"]
    return JWTSettings.BodyHash(
      claim: claim, digest: map.word("algorithm", of: digests).flatMap(Digest.init) ?? .sha256,
      encoding: word(map, "encoding", SignedSettings.Encoding.self) ?? .hex)
  }
}
