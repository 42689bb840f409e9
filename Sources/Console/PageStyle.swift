import HTTP

/// `/console.css`: the page's only other part, so that its policy needs no inline style.
enum PageStyle {
  static let response = Response(
    .ok, fields: ["Content-Type": "text/css; charset=utf-8"], body: .bytes(Array(text.utf8)))

  private static let text = """
    :root { color-scheme: light dark; --line: #8884; --dim: #888; }
    body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
    h1 { font-size: 1.4rem; margin: 0; }
    h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
    header p, section p, footer { color: var(--dim); margin: .2rem 0; }
    dl { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.2rem 0; padding: 0; }
    dl div { border: 1px solid var(--line); border-radius: .4rem; min-width: 6rem; padding: .4rem .8rem; }
    dt { color: var(--dim); font-size: .8rem; }
    dd { font-size: 1.3rem; font-variant-numeric: tabular-nums; margin: 0; }
    table { border-collapse: collapse; width: 100%; }
    th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: .3rem .8rem .3rem 0;
      text-align: left; vertical-align: top; }
    th { color: var(--dim); font-weight: 500; white-space: nowrap; }
    td:first-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
    footer { margin-top: 3rem; }

    """
}
