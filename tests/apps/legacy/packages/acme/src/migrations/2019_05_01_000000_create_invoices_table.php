<?php

class CreateInvoicesTable extends Illuminate\Database\Migrations\Migration
{
    public function up()
    {
        Schema::create('invoices', function ($table) {
            $table->increments('id');
            $table->audit('created_by');
            $table->nestedSet();
        });
    }
}
