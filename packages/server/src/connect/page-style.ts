/**
 * @module
 * How the pages look. One constant, so that the content security policy can name its hash.
 */
export const pageStyle = `
:root{color-scheme:light dark;--ink:#16202e;--soft:#55617a;--paper:#fff;--ground:#f0f3f8;--line:#dde3ec;--act:#1c4fa0;--act-over:#163f82;--act-ink:#fff;--tint:#e8effb;--good:#12734a;--good-tint:#e2f5eb;--warn:#874600;--warn-tint:#fff3e0;--shade:0 1px 2px #1620301a,0 12px 32px #1620301a}
@media (prefers-color-scheme:dark){:root{--ink:#e9eef6;--soft:#a6b2c6;--paper:#171f2b;--ground:#0d131b;--line:#2d3849;--act:#8ab8ff;--act-over:#a9caff;--act-ink:#0b1420;--tint:#20304a;--good:#7fdcae;--good-tint:#17382a;--warn:#ffc27a;--warn-tint:#3a2a12;--shade:0 12px 32px #0006}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{width:100%;max-width:35rem;background:var(--paper);border:1px solid var(--line);border-radius:16px;padding:2.25rem;box-shadow:var(--shade)}
header{display:flex;align-items:center;gap:.6rem;margin-bottom:1.5rem}
.badge{width:2.75rem;height:2.75rem;flex:none;border-radius:12px;display:grid;place-items:center;font-weight:700;font-size:1.2rem;background:var(--tint);color:var(--act)}
.badge.good{background:var(--good-tint);color:var(--good)}
.badge.bad{background:var(--warn-tint);color:var(--warn)}
header svg{flex:none;color:var(--soft)}
.badge svg{color:inherit}
.step{margin:0 0 0 auto;color:var(--soft);font-size:.875rem}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:.8125rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft);margin:1.75rem 0 .5rem}
p{margin:.5rem 0}
ul{list-style:none;margin:.5rem 0;padding:0;border:1px solid var(--line);border-radius:12px}
li{padding:.7rem 1rem;border-bottom:1px solid var(--line)}
li:last-child{border-bottom:0}
code{font:.8125rem/1.5 ui-monospace,"SF Mono",monospace;color:var(--soft)}
dl{margin:1.25rem 0;border:1px solid var(--line);border-radius:12px}
dl div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.1rem 1rem;padding:.7rem 1rem;border-bottom:1px solid var(--line)}
dl div:last-child{border-bottom:0}
dt{color:var(--soft)}
dd{margin:0;font-weight:600}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.75rem}
button,.button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.4rem;border-radius:10px;border:1px solid var(--act);background:var(--act);color:var(--act-ink);cursor:pointer;text-decoration:none;text-align:center;display:inline-block}
button:hover,.button:hover{background:var(--act-over);border-color:var(--act-over)}
button.quiet{background:transparent;border-color:var(--line);color:var(--ink)}
button.quiet:hover{background:var(--ground)}
:focus-visible{outline:3px solid var(--warn);outline-offset:2px}
details{margin-top:1.5rem}
summary{cursor:pointer;font-weight:600;min-height:2.75rem;padding:.6rem 0}
.muted{color:var(--soft);font-size:.9rem}
.note{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line)}
.warn{padding:.7rem 1rem;border-radius:12px;background:var(--warn-tint);color:var(--warn)}
@media (max-width:30rem){body{padding:.75rem;place-items:start center}main{padding:1.5rem 1.25rem}button,.button{width:100%}dl div{grid-template-columns:minmax(0,1fr)}}
`
