0<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Models\{Document, User as Person};
use Illuminate\Http\Request;
use function App\Support\{page, money as price};
use const App\Support\PER_PAGE;

/**
 * Lists documents.
 */
#[Middleware('auth', only: ['index'])]
final class DocumentController extends Controller implements \Countable, Contracts\Lists
{
    use AuthorizesRequests, \App\Support\Memo;

    public const LIMIT = 50, PAGES = self::LIMIT * 2;

    /** @var array<string, int> */
    protected static array $seen = ['a' => 1], $rest = [];

    private ?Person $person = null;

    public function __construct(
        private readonly DocumentRepo $repo,
        protected int|string &$limit = 10,
        callable ...$rest,
    ) {
    }

    /** @return \Illuminate\View\View */
    public function index(Request $request, ?int $page = null): View|array
    {
        $documents = Document::with(['author', 'tags' => fn ($q) => $q->latest()])
            ->where('user_id', $request->user()?->id)
            ->when($page, function ($query) use ($page, &$request) {
                return $query->skip($page * PER_PAGE);
            })
            ->get();

        foreach ($documents as $i => $document) {
            echo $document->author->name, "\n";
        }

        return view('documents.index', compact('documents'));
    }

    abstract protected function other(): static;
}

enum Status: string implements HasLabel
{
    case Open = 'open';
    case Closed = 'closed';
    const DEFAULT = self::Open;

    public function label(): string
    {
        return match ($this) {
            self::Open, self::Closed => ucfirst($this->value),
            default => throw new \LogicException("no $this->value here"),
        };
    }
}

interface Lists extends A, B {}
trait Memo { abstract function key(); }

function helper(Person $p): never { exit(1); }
