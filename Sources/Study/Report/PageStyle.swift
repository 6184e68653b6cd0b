/// The page's style sheet: one column of text, charts of equal width beside each other as far as there is
/// room, colours for light, dark and paper.
///
/// Text has a contrast of at least 4.5 to 1 in both schemes, and lines and bars of 3 to 1. The hues of
/// places are those of Okabe & Ito (*Color Universal Design*, 2008), darker on white and lighter on black.
extension Page {
  static let styleSheet = """
    :root {
      color-scheme: light dark;
      --page: #fdfdfc; --ink: #1b1e22; --muted: #575e67; --rule: #dcdfe3; --shade: #f3f4f5;
      --link: #0b57a4;
      --nowhere: #747b85; --prompt: #0069b4; --weights: #bd4f00; --inferences: #007a5a;
      --both: #8d4b9b;
      --trained: #6b6a00; --rephrased: #007f93; --reversed: #c0175c; --deduced: #4a3cb4;
      --holdout: #8a4a12;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --page: #16181b; --ink: #e7e8ea; --muted: #a6acb5; --rule: #353a41; --shade: #1f2226;
        --link: #8abaff;
        --nowhere: #979ea8; --prompt: #62b2f2; --weights: #f2914f; --inferences: #45c79e;
        --both: #cba0e0;
        --trained: #c5bf55; --rephrased: #58c9d9; --reversed: #ff77a4; --deduced: #ab9fff;
        --holdout: #d8a064;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 70rem;
      background: var(--page); color: var(--ink);
      font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
    }
    h1, h2, h3, h4 { line-height: 1.25; margin: 0; font-weight: 650; text-wrap: balance; }
    h1 { font-size: 1.75rem; margin-bottom: 1rem; }
    h2 { font-size: 1.35rem; margin: 3.5rem 0 0.75rem; padding-top: 1rem;
      border-top: 1px solid var(--rule); }
    h3 { font-size: 1.05rem; margin: 2rem 0 0.35rem; }
    h4 { font-size: 0.9rem; color: var(--muted); }
    p { margin: 0 0 0.75rem; max-width: 44rem; text-wrap: pretty; overflow-wrap: anywhere; }
    a { color: var(--link); text-underline-offset: 0.15em; }
    dl, dd, ul, ol, figure { margin: 0; padding: 0; }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    .lead { font-size: 1.0625rem; }
    .note, figcaption { color: var(--muted); font-size: 0.9rem; }
    .key { white-space: nowrap; margin-right: 0.75rem; }
    .patterns, .aloud { position: absolute; }
    .aloud { width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .facts { display: grid; gap: 0.5rem 1.5rem; margin: 1.25rem 0; font-size: 0.9375rem;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
    dt { color: var(--muted); font-size: 0.8125rem; }
    dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
    .command code { display: block; padding: 0.6rem 0.8rem; background: var(--shade);
      border-radius: 4px; white-space: pre; overflow-x: auto; }
    .command { max-width: none; }
    .command span { color: var(--muted); font-size: 0.8125rem; }
    code { font: 0.875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
    nav h2 { font-size: 1rem; margin-top: 2rem; }
    nav ol { padding-left: 1.4rem; columns: 2 20rem; column-gap: 2rem; font-size: 0.9375rem; }
    nav li { break-inside: avoid; margin-bottom: 0.25rem; }
    nav span { display: block; font-size: 0.8125rem; }
    nav span a { margin-right: 0.5rem; display: inline-block; }
    .glossary dl { columns: 2 22rem; column-gap: 2.5rem; }
    .glossary h3 { margin-top: 0.5rem; }
    .glossary dl { font-size: 0.9rem; margin-bottom: 1rem; }
    .glossary dl div { display: grid; grid-template-columns: minmax(7rem, 2fr) 3.2fr; gap: 0.75rem;
      padding: 0.2rem 0; break-inside: avoid; }
    .glossary dt { color: var(--ink); font-size: inherit; overflow-wrap: anywhere; }
    .glossary dd { color: var(--muted); }
    .alarm { margin: 1rem 0; padding-left: 0.75rem; border-left: 3px solid var(--weights);
      font-size: 0.9375rem; }
    .alarm p { margin: 0; }
    .alarm ul { padding-left: 1.1rem; }
    .scroll { position: relative; overflow-x: auto; margin: 0.75rem 0 1.25rem; }
    table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--muted); font-size: 0.8125rem; padding-bottom: 0.3rem; }
    @media (min-width: 40rem) { caption { white-space: nowrap; } }
    th, td { padding: 0.22rem 0 0.22rem 1.25rem; text-align: right; vertical-align: top;
      white-space: nowrap; }
    th { font-weight: 400; }
    thead th { color: var(--muted); vertical-align: bottom; white-space: normal; max-width: 8rem;
      border-bottom: 1px solid var(--rule); line-height: 1.3; }
    th:first-child { text-align: left; padding-left: 0; }
    tbody th { position: sticky; left: 0; background: var(--page); }
    tbody tr:hover > * { background: var(--shade); }
    .sum > * { border-top: 1px solid var(--rule); color: var(--muted); }
    td.pick { font-weight: 650; }
    .sign { font-weight: 400; }
    .charts { display: grid; gap: 1.25rem 2rem; align-items: start; margin: 0.75rem 0;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
    .pairs { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
    .examples { display: grid; gap: 0.5rem 2.5rem; align-items: start;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 29rem), 1fr)); }
    .words { min-width: 0; font-size: 0.9375rem; }
    .words .scroll { margin-top: 0; }
    figure { max-width: 26rem; }
    figure svg { display: block; width: 100%; height: auto; }
    svg text { font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums; }
    svg .small { font-size: 11px; fill: var(--muted); }
    svg .strong { font-weight: 650; }
    .grid { stroke: var(--rule); stroke-width: 1; }
    .axis { stroke: var(--muted); stroke-width: 1; }
    .chance { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; }
    .error { stroke: var(--ink); stroke-width: 1.3; }
    .bar { fill: var(--hue); fill-opacity: 0.5; stroke: var(--hue); stroke-width: 1; }
    .line { fill: none; stroke: var(--hue); stroke-width: 1.8; stroke-linejoin: round; }
    .mark { fill: var(--hue); }
    .ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
    .ink { fill: var(--ink); }
    .part { stroke: var(--ink); stroke-width: 1; }
    .is-true { fill: var(--muted); }
    .is-false { fill: url(#stripes); }
    .is-malformed { fill: url(#dots); }
    .place-nowhere { --hue: var(--nowhere); }
    .place-prompt { --hue: var(--prompt); }
    .place-weights { --hue: var(--weights); }
    .place-inferences { --hue: var(--inferences); }
    .place-both { --hue: var(--both); }
    .split-trained { --hue: var(--trained); }
    .split-rephrased { --hue: var(--rephrased); }
    .split-reversed { --hue: var(--reversed); }
    .split-deduced { --hue: var(--deduced); }
    .split-holdout { --hue: var(--holdout); }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem;
      font-size: 0.875rem; }
    .swatch { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.45em;
      background: var(--hue); }
    details { margin: 0.5rem 0 1rem; }
    summary { cursor: pointer; color: var(--link); font-size: 0.9375rem; width: fit-content; }
    details[open] > summary { margin-bottom: 0.5rem; }
    .findings { list-style: none; }
    .findings li { display: grid; grid-template-columns: 6.5rem 1fr; padding: 0.4rem 0;
      border-top: 1px solid var(--rule); max-width: 52rem; }
    .verdict { grid-row: 1 / span 2; white-space: nowrap; }
    .agrees .verdict, .differs .verdict { font-weight: 650; }
    .agrees .verdict { color: var(--inferences); }
    .differs .verdict { color: var(--weights); }
    .open .verdict { color: var(--muted); }
    .evidence { grid-column: 2; color: var(--muted); font-size: 0.875rem; overflow-wrap: anywhere;
      font-variant-numeric: tabular-nums; }
    .example { min-width: 0; margin: 0.75rem 0 1rem; }
    .prompt { margin: 0.15rem 0 0; }
    .example .scroll { margin: 0.25rem 0 0.25rem; }
    .example caption, #cost > .scroll caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); }
    .example tbody th { white-space: normal; min-width: 7rem; max-width: 22rem; }
    .example thead th { max-width: 6.5rem; }
    @media (max-width: 40rem) {
      body { padding-top: 1.25rem; }
      h1 { font-size: 1.5rem; }
      .lead { font-size: 1rem; }
      tbody th, .example tbody th { white-space: normal; max-width: 8.5rem; }
      th, td { padding-left: 0.9rem; }
      .findings li { display: block; }
      .verdict, .claim, .evidence { display: block; }
    }
    @media print {
      :root { color-scheme: light; font-size: 9pt; --page: #fff; --shade: #fff; }
      body { max-width: none; padding: 0; }
      nav { display: none; }
      a { color: inherit; }
      h2, h3, h4 { break-after: avoid; }
      h2 { margin-top: 1.5rem; }
      figure, tr, .findings li, .example { break-inside: avoid; }
      .scroll { overflow: visible; }
      .command code { white-space: pre-wrap; }
      table { font-size: 7.5pt; }
      th, td { padding-left: 0.6rem; }
      tbody th { position: static; }
      .charts { grid-template-columns: repeat(2, 1fr); }
      .bar, .mark, .swatch, .part { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      details::details-content { content-visibility: visible; display: block; block-size: auto; }
    }

    """
}
