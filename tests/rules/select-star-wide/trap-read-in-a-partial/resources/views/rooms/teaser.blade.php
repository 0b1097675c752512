<li>{{ Str::limit($document->body, 80) }}</li>
