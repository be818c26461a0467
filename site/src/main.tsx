import './style/base.css';
import './style/page.css';
import './style/memo.css';
import './style/dialog.css';
import { render } from 'preact';
import { session } from './session';
import { App } from './view/app';

const root = document.getElementById('app');
if (root) render(<App />, root);
void session.start();
