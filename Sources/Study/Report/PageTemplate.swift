/// The page's Mustache templates. Escaping is ``EscapedMarkup``'s; what stands in three braces is
/// markup that the drawings made.
extension Page {
  static let template = """
    {{% CONTENT_TYPE:ESCAPED}}<!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <meta http-equiv="Content-Security-Policy" \
    content="default-src 'none'; style-src 'unsafe-inline'"/>
    <title>{{title}}</title>
    <style>
    {{{style}}}</style>
    </head>
    <body>
    <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>
    <pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><rect width="2.4" height="6" class="ink"/></pattern>
    <pattern id="dots" width="4" height="4" patternUnits="userSpaceOnUse">\
    <circle cx="1" cy="1" r="0.8" class="ink"/></pattern>
    </defs></svg>
    <header>
    <h1>{{title}}</h1>
    {{#summary}}
    {{#paragraphs}}
    <p class="lead">{{.}}</p>
    {{/paragraphs}}
    <p>The study is that of Lampinen et al. 2025, \
    <a href="https://arxiv.org/abs/2505.00661">arXiv 2505.00661</a>, who used a large language model; \
    here everything was trained and asked on one machine.</p>
    <dl class="facts">
    {{#items}}
    <div><dt>{{term}}</dt><dd>{{text}}</dd></div>
    {{/items}}
    </dl>
    <p class="command"><span>To reproduce:</span> <code tabindex="0">{{command}}</code></p>
    {{/summary}}
    </header>

    <nav aria-label="Contents">
    <h2>Contents</h2>
    <ol>
    <li><a href="#glance">At a glance</a></li>
    {{#finding}}
    <li><a href="#findings">The paper’s findings and ours</a></li>
    {{/finding}}
    <li><a href="#accuracy">Accuracy</a>
    <span>{{#accuracies}}<a href="#{{anchor}}">{{dataset}}</a> {{/accuracies}}</span></li>
    <li><a href="#cost">Cost</a>
    <span>{{#costs}}<a href="#{{anchor}}">{{dataset}}</a> {{/costs}}</span></li>
    {{#hasCurves}}
    <li><a href="#curves">Learning curves</a>
    <span>{{#curves}}<a href="#{{anchor}}">{{dataset}}</a> {{/curves}}</span></li>
    {{/hasCurves}}
    {{#hasWritings}}
    <li><a href="#writing">What the model wrote</a>
    <span>{{#writings}}<a href="#{{anchor}}">{{dataset}}</a> {{/writings}}</span></li>
    {{/hasWritings}}
    {{#hasDoses}}
    <li><a href="#dose">How much it has to write</a>
    <span>{{#doses}}<a href="#{{anchor}}">{{dataset}}</a> {{/doses}}</span></li>
    {{/hasDoses}}
    {{#hasExamples}}
    <li><a href="#examples">Worked examples</a>
    <span>{{#exampleSets}}<a href="#{{anchor}}">{{dataset}}</a> {{/exampleSets}}</span></li>
    {{/hasExamples}}
    {{#hasComparisons}}
    <li><a href="#comparisons">Differences between arms</a></li>
    {{/hasComparisons}}
    </ol>
    </nav>

    <main>
    <section id="glance">
    <h2>At a glance</h2>
    {{#summary}}
    <div class="glossary">
    <div><h3>What the questions ask</h3>
    <dl>{{#splits}}<div><dt>{{term}}</dt><dd>{{text}}</dd></div>
    {{/splits}}</dl></div>
    <div><h3>What the arms may see</h3>
    <dl>{{#arms}}<div><dt>{{term}}</dt><dd>{{text}}</dd></div>
    {{/arms}}</dl></div>
    </div>
    {{/summary}}
    {{#glance}}
    {{#hasAlarms}}
    <div class="alarm"><p><strong>Beware: a control is not at chance.</strong> Something tells it the \
    answers, or there are too few questions to say.</p>
    <ul>
    {{#alarms}}
    <li>{{.}}</li>
    {{/alarms}}
    </ul></div>
    {{/hasAlarms}}
    {{#glanceTable}}
    {{>table}}
    {{/glanceTable}}
    {{/glance}}
    {{#summary}}
    <details>
    <summary>Settings</summary>
    <dl class="facts">
    {{#settings}}
    <div><dt>{{term}}</dt><dd>{{text}}</dd></div>
    {{/settings}}
    </dl>
    </details>
    {{/summary}}
    </section>

    {{#finding}}
    <section id="findings">
    <h2>The paper’s findings and ours</h2>
    <p>The paper’s figures give no numbers in the text, so directions are compared. {{sum}}</p>
    {{#groups}}
    <h3>{{dataset}}</h3>
    {{#remark}}
    <p class="note">{{.}}</p>
    {{/remark}}
    <ul class="findings">
    {{#items}}
    <li class="{{verdictKind}}"><span class="verdict"><span aria-hidden="true">{{sign}}</span> \
    {{verdict}}</span> <span class="claim">{{claim}}</span> \
    <span class="evidence">{{evidence}}</span></li>
    {{/items}}
    </ul>
    {{/groups}}
    </section>
    {{/finding}}

    <section id="accuracy">
    <h2>Accuracy</h2>
    <p>The share of questions answered right, \
    {{#hasIntervals}}mean over {{units}} with 95 % intervals (Student’s t).{{/hasIntervals}}\
    {{^hasIntervals}}in one world.{{/hasIntervals}} \
    The dashed line is what guessing gives. Colours say where an arm has the facts:</p>
    <ul class="legend">
    {{#legend}}
    <li><span class="swatch {{placeKind}}" aria-hidden="true"></span>{{label}}</li>
    {{/legend}}
    </ul>
    {{#accuracies}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    <p class="note">{{about}}{{#promptNote}}<br/>{{.}}{{/promptNote}}</p>
    <div class="charts">
    {{#charts}}
    <figure>{{{.}}}</figure>
    {{/charts}}
    </div>
    <details>
    <summary>The numbers<span class="aloud"> of {{dataset}}</span></summary>
    <p class="note">Accuracy ± standard error over {{units}}; <i>normalised</i>: log-likelihoods divided by \
    the tokens of the choice; <i>prior-corrected</i>: minus those of the model that knows no fact.</p>
    {{#numbers}}
    {{>table}}
    {{/numbers}}
    {{#kinds}}
    {{>table}}
    {{/kinds}}
    </details>
    {{/accuracies}}
    </section>

    <section id="cost">
    <h2>Cost</h2>
    <p>Training costs once, reading the facts with every question. Seconds are those of one thread; \
    FLOPs are floating-point operations (M, G, T, P: 10⁶, 10⁹, 10¹², 10¹⁵). <i>Prompt kept</i> is a \
    query after a prompt that has been read before. Means over {{runs}}.</p>
    {{#costs}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    {{#costTable}}
    {{>table}}
    {{/costTable}}
    <div class="charts pairs">
    {{#chart}}
    <figure>{{{.}}}</figure>
    {{/chart}}
    <div class="words">
    {{#sentences}}
    <p>{{.}}</p>
    {{/sentences}}
    {{#evenTable}}
    {{>table}}
    {{/evenTable}}
    </div>
    </div>
    {{/costs}}
    </section>

    {{#hasCurves}}
    <section id="curves">
    <h2>Learning curves</h2>
    <p>Accuracy of each kind of question along the steps of fine-tuning, and with more and more facts in \
    the prompt, on a part of the questions; means over {{runs}}.</p>
    {{#curves}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    <div class="charts pairs">
    {{#charts}}
    <figure>{{{.}}}</figure>
    {{/charts}}
    </div>
    {{/curves}}
    </section>
    {{/hasCurves}}

    {{#hasWritings}}
    <section id="writing">
    <h2>What the model wrote</h2>
    <p>The augmented arms are trained on sentences that the model itself wrote while it read the facts, \
    right or wrong. Each was judged against its world afterwards. <i>Answers</i> is the share of the \
    questions whose answer is among the true ones.</p>
    {{#writings}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    <div class="charts pairs">
    <figure>{{{chart}}}</figure>
    <div class="words">
    {{#writingTable}}
    {{>table}}
    {{/writingTable}}
    </div>
    </div>
    {{/writings}}
    </section>
    {{/hasWritings}}

    {{#hasDoses}}
    <section id="dose">
    <h2>How much it has to write</h2>
    <p>Accuracy of the arm <i>augmented</i> on what has to be inferred, against the number of samples of each \
    kind for each fact; dashed lines are the same model with the facts in its prompt. Means over {{runs}}.</p>
    {{#doses}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    <div class="charts pairs">
    <figure>{{{chart}}}</figure>
    <div class="words">
    {{#doseTable}}
    {{>table}}
    {{/doseTable}}
    </div>
    </div>
    {{/doses}}
    </section>
    {{/hasDoses}}

    {{#hasExamples}}
    <section id="examples">
    <h2>Worked examples</h2>
    <p>Questions of the first world. The numbers are log-likelihoods of the choices: \
    the nearer to 0, the likelier. <span class="key">✓ the right answer</span> \
    <span class="key">● what the arm picked</span></p>
    {{#exampleSets}}
    <h3 id="{{anchor}}">{{dataset}}</h3>
    <div class="examples">
    {{#examples}}
    <div class="example">
    <h4>{{split}}</h4>
    <p class="prompt">{{prompt}} …</p>
    {{#mainTable}}
    {{>table}}
    {{/mainTable}}
    {{#otherTable}}
    <details>
    <summary>The other arms<span class="aloud"> on this question</span></summary>
    {{>table}}
    </details>
    {{/otherTable}}
    </div>
    {{/examples}}
    </div>
    {{/exampleSets}}
    </section>
    {{/hasExamples}}

    {{#hasComparisons}}
    <section id="comparisons">
    <h2>Differences between arms</h2>
    <p>Each arm minus fine-tuned and minus in-context on the same {{comparedOn}}. <span class="key">▲ the interval is above 0</span> \
    <span class="key">▼ it is below</span></p>
    {{#comparisons}}
    <details>
    <summary>{{dataset}}</summary>
    {{#differences}}
    {{>table}}
    {{/differences}}
    </details>
    {{/comparisons}}
    </section>
    {{/hasComparisons}}
    </main>
    </body>
    </html>

    """

  /// A table that scrolls in its own box where it is too wide. Partials start with escaping of
  /// their own.
  static let tableTemplate = """
    {{% CONTENT_TYPE:ESCAPED}}<div class="scroll" tabindex="0" role="region" \
    aria-label="{{caption}}"><table>
    <caption>{{caption}}</caption>
    <thead><tr>{{#head}}<th scope="col">{{.}}</th>{{/head}}</tr></thead>
    <tbody>
    {{#rows}}
    <tr{{#isSum}} class="sum"{{/isSum}}><th scope="row">{{#rowMark}}<span class="sign" \
    aria-hidden="true">{{.}}</span> {{/rowMark}}{{name}}{{#rowNote}}<span class="aloud">, {{.}}</span>\
    {{/rowNote}}</th>{{#cells}}<td{{#kind}} class="{{.}}"{{/kind}}>{{#cellMark}}<span class="sign" \
    aria-hidden="true">{{.}}</span> {{/cellMark}}{{text}}{{#cellNote}}<span class="aloud">, {{.}}</span>\
    {{/cellNote}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody>
    </table></div>

    """
}
