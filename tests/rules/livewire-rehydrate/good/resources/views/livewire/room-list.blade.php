<div>{{ $this->rooms->count() }}</div>
