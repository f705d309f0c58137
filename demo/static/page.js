// Answers without a reload.  What is shown comes from the server as HTML that its
// templates have escaped, and the address is the one of the page itself.

'use strict';

const form = document.querySelector('form');
const answer = document.getElementById('answer');
let last = null;

function addressOf() {
  const fields = new URLSearchParams(new FormData(form));
  return `/?${fields}`;
}

function problem(text) {
  const p = document.createElement('p');
  p.className = 'problem';
  p.setAttribute('role', 'alert');
  p.textContent = text;
  answer.replaceChildren(p);
}

// A later question takes the place of one that is still on its way.
async function show(address) {
  if (last) last.abort();
  last = new AbortController();
  const mine = last;
  answer.setAttribute('aria-busy', 'true');
  try {
    const got = await fetch(`${address}&part=1`, { signal: mine.signal });
    const html = await got.text();
    const open = answer.querySelector('details')?.open;
    answer.innerHTML = html;
    const details = answer.querySelector('details');
    if (details && open) details.open = true;
  } catch (error) {
    if (mine.signal.aborted) return;
    problem('The page’s own server does not answer. Was it ended?');
  }
  answer.removeAttribute('aria-busy');
}

// Enter in a field that has changed is both a change and a submission.
function ask() {
  const address = addressOf();
  if (address !== location.pathname + location.search) {
    history.pushState(null, '', address);
  }
  show(address);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask();
});

// A filter or a way that is changed asks anew, once there is a question.
form.addEventListener('change', (event) => {
  if (event.target.name !== 'q' && form.elements.q.value.trim()) ask();
});

window.addEventListener('popstate', () => location.reload());
