import Foundation
import HTTP

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The courier that is used where no other is given: a POST with 60 seconds to answer, the time-out of an outbound message.
public enum PlainCourier {
  public static func make() -> Courier {
    let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
    return { url, fields, body in
      guard let address = URL(string: url) else { return nil }
      var request = URLRequest(url: address, timeoutInterval: 60)
      request.httpMethod = "POST"
      request.httpBody = Data(body)
      for field in fields { request.setValue(field.value, forHTTPHeaderField: field.name) }
      guard let (data, response) = try? await session.data(for: request), let answer = response as? HTTPURLResponse
      else {
        return nil
      }
      return Delivered(status: answer.statusCode, body: Array(data))
    }
  }

  /// Neither system follows a redirect: it is no success.
  private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }
  }
}
