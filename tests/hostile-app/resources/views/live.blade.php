@extends('layout') @section('c')<livewire:feed /><livewire:feed :n="3" /><livewire:late />@endsection
