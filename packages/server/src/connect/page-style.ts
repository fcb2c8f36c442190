/**
 * @module
 * How the pages look. One constant, so that the content security policy can name its hash.
 */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#1a2330;--soft:#556070;--paper:#fff;--ground:#eef1f5;--line:#d5dbe3;--act:#1d4f91;--act-ink:#fff;--warn:#8a4b00}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf4;--soft:#a5b0c0;--paper:#18202b;--ground:#0e141c;--line:#323d4d;--act:#8ab8ff;--act-ink:#0b1420;--warn:#ffc27a}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:2rem}
h1{font-size:1.45rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0}
ul{list-style:none;margin:.25rem 0;padding:0}
li{padding:.6rem 0;border-bottom:1px solid var(--line)}
li:last-child{border-bottom:0}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere;color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;font-weight:600;overflow-wrap:anywhere}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button,.button{font:inherit;font-weight:600;padding:.7rem 1.25rem;border-radius:9px;border:1px solid var(--act);background:var(--act);color:var(--act-ink);cursor:pointer;text-decoration:none;display:inline-block}
button.quiet{background:transparent;color:var(--act)}
button:focus-visible,.button:focus-visible{outline:3px solid var(--warn);outline-offset:2px}
.muted{color:var(--soft);font-size:.92rem}
.warn{color:var(--warn)}
`
