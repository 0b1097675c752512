<?php

namespace App\Models;

use App\Casts\Money;
use App\Models\Concerns\HasTags;
use App\Observers\OrderObserver;
use Illuminate\Database\Eloquent\Attributes\ObservedBy;
use Illuminate\Database\Eloquent\Attributes\Scope;
use Illuminate\Database\Eloquent\Casts\Attribute;
use Illuminate\Database\Eloquent\Concerns\HasUuids;
use Illuminate\Database\Eloquent\Relations\HasMany;
use Illuminate\Database\Eloquent\SoftDeletes;

/**
 * @property string $state
 */
#[ObservedBy(OrderObserver::class)]
class Order extends Model
{
    use HasTags, HasUuids, SoftDeletes;

    const RELATED = Payment::class;

    protected $with = ['customer'];

    protected $appends = ['total', 'label'];

    protected $fillable = ['customer_id', 'state'];

    /** @var array<int, Line> */
    public array $draft = [];

    protected function casts(): array
    {
        return array_merge(parent::casts(), ['total' => Money::class, 'paid_at' => 'datetime']);
    }

    public function customer()
    {
        return $this->belongsTo(Customer::class)->withDefault();
    }

    public function lines(): HasMany
    {
        return $this->hasMany('App\Models\Line')->orderBy('position');
    }

    public function payments()
    {
        return $this->hasMany(self::RELATED);
    }

    public function openPayments()
    {
        return $this->payments()->where('state', 'open');
    }

    public function lastPayment()
    {
        $relation = $this->payments()->one();
        $relation->latestOfMany();

        return $relation;
    }

    public function products()
    {
        return $this->belongsToMany(Product::class)->withPivot('amount')->limit(5);
    }

    public function sameShop()
    {
        return $this->hasMany(static::class, 'shop_id', 'shop_id')->where('region', $this->region);
    }

    public function parent()
    {
        return $this->belongsTo(order_model(), 'parent_id');
    }

    /** @return HasMany<Note, $this> */
    public function notes(): HasMany
    {
        return app('notes')->for($this);
    }

    public function count(): int
    {
        return $this->lines()->count();
    }

    public function getLabelAttribute(): string
    {
        return "#{$this->number}";
    }

    protected function total(): Attribute
    {
        return Attribute::make(get: fn () => $this->lines->sum('price'))->shouldCache();
    }

    protected function secret(): Attribute
    {
        return Attribute::set(fn ($value) => bcrypt($value));
    }

    public function scopeOpen($query)
    {
        return $query->where('state', 'open');
    }

    #[Scope]
    protected function recent($query): void
    {
        $query->latest();
    }
}
