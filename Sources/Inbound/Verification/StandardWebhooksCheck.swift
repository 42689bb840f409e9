import Crypto
import Formats
import Web

/// Standard Webhooks, `v1` and `v1a`. The headers may carry Svix's own names.
struct StandardWebhooksCheck: Check {
  private let scheme: StandardWebhooks

  init(_ secrets: [SourceSecret], _ tolerance: Int64) throws(SettingsProblem) {
    var texts: [String] = []
    for secret in secrets { texts.append(String(decoding: try secret.bytes(), as: UTF8.self)) }
    // One by one first, so that the message can say which it is.
    for (secret, text) in zip(secrets, texts) {
      do throws(CryptoError) {
        _ = try StandardWebhooks(secrets: [text], tolerance: tolerance)
      } catch {
        throw SettingsProblem("verify", "\(secret.name): \(error)")
      }
    }
    do throws(CryptoError) {
      scheme = try StandardWebhooks(secrets: texts, tolerance: tolerance)
    } catch {
      throw SettingsProblem("verify", "standard-webhooks: \(error)")
    }
  }

  func verify(_ request: Request, at now: Instant) throws(Rejection) -> Int {
    do throws(StandardWebhooks.Failure) {
      return try scheme.verify(
        id: request.webhookHeader("id"), timestamp: request.webhookHeader("timestamp"),
        signature: request.webhookHeader("signature"), body: request.body, now: now.secondsSince1970
      ).secret
    } catch {
      throw Self.rejection(error)
    }
  }

  private static func rejection(_ failure: StandardWebhooks.Failure) -> Rejection {
    switch failure {
    case .missing: .unproven("signature-missing", "webhook-id, -timestamp and -signature have to be there, once each.")
    case .malformedID: .unproven("id-malformed", "The webhook-id is not written as it should be.")
    case .malformedTimestamp: .unproven("timestamp-malformed", "The time stamp is not written as it should be.")
    case .tooOld: .unproven("too-old", "The time stamp is too old.")
    case .tooNew: .unproven("too-new", "The time stamp is too far in the future.")
    case .noMatch: .unproven("signature-wrong", "The signature is by none of the endpoint's secrets.")
    }
  }
}

extension Request {
  /// `webhook-…`, or `svix-…` where the sender did not change its default.
  func webhookHeader(_ name: String) -> String? {
    fields.contains("webhook-id") ? only("webhook-\(name)") : only("svix-\(name)")
  }
}
