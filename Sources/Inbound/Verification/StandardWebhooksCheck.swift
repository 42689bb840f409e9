import Crypto
import Formats
import Web

/// Standard Webhooks, `v1` and `v1a`. The headers may carry Svix's own names.
struct StandardWebhooksCheck: Check {
  private let scheme: StandardWebhooks

  init(_ secrets: [SourceSecret], _ tolerance: Int64) throws(SettingsProblem) {
    var texts: [String] = []
    for secret in secrets {
      let text = String(decoding: try secret.bytes(), as: UTF8.self)
      // One by one first, so that the message can say which it is.
      do throws(CryptoError) {
        _ = try StandardWebhooks(secrets: [text], tolerance: tolerance)
      } catch {
        throw SettingsProblem("verify", "\(secret.name): \(error)")
      }
      texts.append(text)
    }
    do throws(CryptoError) {
      scheme = try StandardWebhooks(secrets: texts, tolerance: tolerance)
    } catch {
      throw SettingsProblem("verify", "standard-webhooks: \(error)")
    }
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Proven {
    do throws(StandardWebhooks.Failure) {
      let proof = try scheme.verify(
        id: request.webhookHeader("id"), timestamp: request.webhookHeader("timestamp"),
        signature: request.webhookHeader("signature"), body: request.body, now: now.secondsSince1970)
      return Proven(proof.secret)
    } catch {
      throw .unproven(Self.code(error))
    }
  }

  private static func code(_ failure: StandardWebhooks.Failure) -> String {
    switch failure {
    case .missing: "signature-missing"
    case .malformedID: "id-malformed"
    case .malformedTimestamp: "timestamp-malformed"
    case .tooOld: "too-old"
    case .tooNew: "too-new"
    case .noMatch: "signature-wrong"
    }
  }
}

extension Request {
  /// `webhook-…`, or `svix-…` where the sender did not change its default.
  func webhookHeader(_ name: String) -> String? {
    fields.contains("webhook-id") ? only("webhook-\(name)") : only("svix-\(name)")
  }
}
